import type { Step } from '../../../engine/trigger.ts';
import { readAll } from '../api.ts';
import { t } from '../language.ts';
import { FieldIssue } from '../ui/api-words.tsx';
import { usePlace } from '../ui/editing.ts';
import { TextField } from '../ui/fields.tsx';
import { useLoaded } from '../ui/loaded.ts';
import { StepFields } from './steps/step-fields.tsx';
import { kindOfStep, newStep, type StepKind, stepWord } from './steps/step-kinds.ts';

const ADDED: readonly StepKind[] = ['send', 'wait', 'waitFor', 'branch', 'split', 'set', 'end'];

export function WhatForm() {
  const { value, set, isLocked, issue } = usePlace<Step[]>('steps');
  const { value: variants } = usePlace<{ id: string }[]>('experiment.variants');
  const steps = Array.isArray(value) ? value : [];
  const loaded = useLoaded(() => readAll<{ id: string }>('templates'), 'templates');
  const templates = (loaded.value ?? []).map(({ id }) => id);
  const around = { steps, templates, variants: (variants ?? []).map(({ id }) => id) };
  const swap = (index: number) => {
    const next = [...steps];
    next.splice(index - 1, 2, steps[index] as Step, steps[index - 1] as Step);
    set(next);
  };
  return (
    <fieldset class="part" data-path="steps" tabIndex={-1}>
      <legend>{t('What', '무엇을')}</legend>
      {steps.map((step, index) => (
        <StepForm
          key={index}
          step={step}
          path={`steps.${index}`}
          templates={templates}
          others={steps.map(({ id }) => id).filter((id) => id !== step.id)}
          earlier={index === 0 ? null : () => swap(index)}
        />
      ))}
      <FieldIssue issue={issue} />
      <div class="row">
        {ADDED.map((kind) => (
          <button
            key={kind}
            type="button"
            class="plain"
            disabled={isLocked}
            onClick={() => set([...steps, newStep(kind, around)])}
          >
            + {stepWord(kind)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

interface StepFormProps {
  step: Step;
  path: string;
  templates: readonly string[];
  others: readonly string[];
  /** Moves it before the one before; null for the first. */
  earlier: (() => void) | null;
}

function StepForm({ step, path, templates, others, earlier }: StepFormProps) {
  const { set, isLocked } = usePlace<Step>(path);
  return (
    <div class="box">
      <div class="row between">
        <strong>
          {stepWord(kindOfStep(step))} <code>{step.id}</code>
        </strong>
        <span class="row">
          {earlier && (
            <button type="button" class="plain" disabled={isLocked} onClick={earlier}>
              {t('Earlier', '앞으로')}
            </button>
          )}
          <button type="button" class="plain" disabled={isLocked} onClick={() => set(undefined)}>
            {t('Remove', '빼기')}
          </button>
        </span>
      </div>
      <StepFields step={step} path={path} templates={templates} others={others} />
      {others.length > 0 && (
        <details>
          <summary>{t('Its name among the steps', '단계 이름')}</summary>
          <TextField path={`${path}.id`} label={t('Id', '아이디')} isRequired />
        </details>
      )}
    </div>
  );
}
