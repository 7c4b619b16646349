/** The fields of one step, by its kind. */
import { CHANNELS, type SendStep, type Step } from '../../../../engine/trigger.ts';
import { t } from '../../language.ts';
import { linkTo } from '../../route.ts';
import { ChoiceField, SetField, TextField } from '../../ui/fields.tsx';
import { channelWord } from '../channel-words.ts';
import { EVENT_NAMES } from '../event-names.ts';
import { RecommendFields } from '../recommend-fields.tsx';
import { BranchFields } from './branch-fields.tsx';
import { SetTraits } from './set-traits.tsx';
import { SplitFields } from './split-fields.tsx';

interface Props {
  step: Step;
  path: string;
  templates: readonly string[];
  /** Ids of the other steps. */
  others: readonly string[];
}

export function StepFields({ step, path, templates, others }: Props) {
  if ('send' in step) return <SendFields send={step.send} path={`${path}.send`} templates={templates} />;
  if ('wait' in step) return <WaitFields path={`${path}.wait`} wait={step.wait} />;
  if ('waitFor' in step && 'event' in step.waitFor) return <WaitForFields path={path} others={others} />;
  if ('branch' in step) return <BranchFields path={`${path}.branch`} others={others} />;
  if ('split' in step) return <SplitFields path={`${path}.split`} others={others} />;
  if ('set' in step) return <SetTraits path={`${path}.set`} />;
  if ('end' in step) return null;
  return (
    <p class="quiet">
      <code>{JSON.stringify(step)}</code> {t('(edit in JSON)', '(JSON에서 고치기)')}
    </p>
  );
}

function SendFields({
  send,
  path,
  templates,
}: {
  send: SendStep;
  path: string;
  templates: readonly string[];
}) {
  return (
    <>
      <SetField
        path={`${path}.channels`}
        label={t('Channels', '채널')}
        choices={CHANNELS.map((channel) => [channel, channelWord(channel)])}
      />
      <div class="grid">
        {send.channels.length > 1 && (
          <ChoiceField
            path={`${path}.mode`}
            label={t('Of these channels', '여러 채널 중')}
            choices={[
              ['', t('the first that reaches them', '닿는 첫 채널')],
              ['cheapest', t('the cheapest that reaches them', '닿는 가장 싼 채널')],
              ['all', t('all', '모두')],
            ]}
          />
        )}
        <TextField path={`${path}.template`} label={t('Template', '템플릿')} list={templates} isRequired />
        <TextField path={`${path}.surface`} label={t('Surface', '표시 위치')} placeholder="default" />
      </div>
      <RecommendFields path={`${path}.recommend`} />
      <a href={linkTo('templates', send.template)}>{t('Edit the text', '문구 고치기')}</a>
    </>
  );
}

function WaitFields({ path, wait }: { path: string; wait: Extract<Step, { wait: unknown }>['wait'] }) {
  if (typeof wait === 'string') {
    return <TextField path={path} label={t('For', '기간')} placeholder="1h" isRequired />;
  }
  if ('time' in wait) {
    return <TextField path={`${path}.time`} label={t('Until', '시각까지')} placeholder="10:00" isRequired />;
  }
  return (
    <div class="grid">
      <TextField path={`${path}.until`} label={t('Until the instant in', '날짜 경로')} isRequired />
      <TextField path={`${path}.offset`} label={t('Moved by', '며칠 전후')} placeholder="-1d" />
    </div>
  );
}

function WaitForFields({ path, others }: { path: string; others: readonly string[] }) {
  return (
    <div class="grid">
      <TextField path={`${path}.waitFor.event`} label={t('Event', '이벤트')} list={EVENT_NAMES} isRequired />
      <TextField path={`${path}.timeout`} label={t('At most for', '최대 기간')} placeholder="1d" isRequired />
      <TextField path={`${path}.then`} label={t('Then go to', '일어나면 이동')} list={others} />
      <TextField path={`${path}.onTimeout`} label={t('If not, go to', '없으면 이동')} list={others} />
    </div>
  );
}
