/** What a step of each kind is called, and begins as. */
import type { Step } from '../../../../engine/trigger.ts';
import { t } from '../../language.ts';

export type BranchStep = Extract<Step, { branch: unknown }>;
export type StepKind = 'send' | 'wait' | 'waitFor' | 'branch' | 'split' | 'set' | 'end';

const KINDS: readonly StepKind[] = ['send', 'waitFor', 'wait', 'branch', 'split', 'set', 'end'];

export function kindOfStep(step: Step): StepKind {
  return KINDS.find((kind) => kind in step) ?? 'end';
}

export function stepWord(kind: StepKind): string {
  const words: Record<StepKind, string> = {
    send: t('Send', '보내기'),
    wait: t('Wait', '기다리기'),
    waitFor: t('Wait for', '이벤트 기다리기'),
    branch: t('Branch', '분기'),
    split: t('Split', '실험 분배'),
    set: t('Set a trait', '속성 바꾸기'),
    end: t('End', '끝'),
  };
  return words[kind];
}

interface Around {
  steps: readonly Step[];
  templates: readonly string[];
  variants: readonly string[];
}

export function newStep(kind: StepKind, { steps, templates, variants }: Around): Step {
  const id = freeId(kind === 'waitFor' ? 'wait-for' : kind, steps);
  const first = steps[0]?.id ?? id;
  switch (kind) {
    case 'send':
      return { id, send: { channels: ['in_app'], template: templates[0] ?? '' } };
    case 'wait':
      return { id, wait: '1h' };
    case 'waitFor':
      return { id, waitFor: { event: 'Message Clicked' }, timeout: '1d' };
    case 'branch':
      return { id, branch: [{ if: { field: 'user.known', op: 'eq', value: true }, goto: first }] };
    case 'split':
      return { id, split: Object.fromEntries(variants.map((variant) => [variant, first])) };
    case 'set':
      return { id, set: { 'user.traits.told': true } };
    case 'end':
      return { id, end: true };
  }
}

function freeId(word: string, steps: readonly Step[]): string {
  let number = 1;
  while (steps.some(({ id }) => id === `${word}-${number}`)) number++;
  return `${word}-${number}`;
}
