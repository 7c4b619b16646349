import { CHANNELS, type Step } from '../../../engine/trigger.ts';
import { call, type Page } from '../api.ts';
import { t } from '../language.ts';
import { linkTo } from '../route.ts';
import { usePlace } from '../ui/editing.ts';
import { SetField, TextField } from '../ui/fields.tsx';
import { useLoaded } from '../ui/loaded.ts';
import { channelWord } from './channel-words.ts';
import { RecommendFields } from './recommend-fields.tsx';

export function WhatForm() {
  const { value, set, isLocked, issue } = usePlace<Step[]>('steps');
  const steps = Array.isArray(value) ? value : [];
  const templates = useLoaded(() => call<Page<{ id: string }>>('GET', 'templates?limit=200'), 'templates');
  const ids = (templates.value?.items ?? []).map(({ id }) => id);
  const add = (step: Step) => set([...steps, step]);
  return (
    <fieldset class="part" data-path="steps" tabIndex={-1}>
      <legend>{t('What', '무엇을')}</legend>
      {steps.map((step, index) => (
        <StepForm key={index} step={step} path={`steps.${index}`} templates={ids} />
      ))}
      {issue && <p class="issue">{issue}</p>}
      <div class="row">
        <button
          type="button"
          class="plain"
          disabled={isLocked}
          onClick={() => add({ id: freeId('wait', steps), wait: '1h' })}
        >
          {t('+ wait', '+ 기다리기')}
        </button>
        <button
          type="button"
          class="plain"
          disabled={isLocked}
          onClick={() =>
            add({ id: freeId('send', steps), send: { channels: ['in_app'], template: ids[0] ?? '' } })
          }
        >
          {t('+ send', '+ 보내기')}
        </button>
      </div>
    </fieldset>
  );
}

function freeId(word: string, steps: readonly Step[]): string {
  let number = 1;
  while (steps.some(({ id }) => id === `${word}-${number}`)) number++;
  return `${word}-${number}`;
}

function StepForm({ step, path, templates }: { step: Step; path: string; templates: readonly string[] }) {
  const { set, isLocked } = usePlace<Step>(path);
  return (
    <div class="box">
      <div class="row between">
        <strong>{stepWord(step)}</strong>
        <button type="button" class="plain" disabled={isLocked} onClick={() => set(undefined)}>
          {t('Remove', '빼기')}
        </button>
      </div>
      <StepFields step={step} path={path} templates={templates} />
    </div>
  );
}

function stepWord(step: Step): string {
  if ('send' in step) return t('Send', '보내기');
  if ('wait' in step) return t('Wait', '기다리기');
  if ('waitFor' in step) return t('Wait for', '이벤트 기다리기');
  if ('branch' in step) return t('Branch', '분기');
  if ('split' in step) return t('Split', '실험 분배');
  if ('set' in step) return t('Set a trait', '속성 바꾸기');
  return t('End', '끝');
}

function StepFields({ step, path, templates }: { step: Step; path: string; templates: readonly string[] }) {
  if ('send' in step) {
    return (
      <>
        <SetField
          path={`${path}.send.channels`}
          label={t('Channels', '채널')}
          choices={CHANNELS.map((channel) => [channel, channelWord(channel)])}
        />
        <div class="grid">
          <TextField
            path={`${path}.send.template`}
            label={t('Template', '템플릿')}
            list={templates}
            isRequired
          />
          <TextField path={`${path}.send.surface`} label={t('Surface', '표시 위치')} placeholder="default" />
        </div>
        <RecommendFields path={`${path}.send.recommend`} />
        <a href={linkTo('templates', step.send.template)}>{t('Edit the text', '문구 고치기')}</a>
      </>
    );
  }
  if ('wait' in step && typeof step.wait === 'string') {
    return <TextField path={`${path}.wait`} label={t('For', '기간')} placeholder="1h" isRequired />;
  }
  return (
    <p class="quiet">
      <code>{JSON.stringify(step)}</code> {t('(edit in JSON)', '(JSON에서 고치기)')}
    </p>
  );
}
