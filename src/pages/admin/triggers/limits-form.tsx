import type { Exit } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, NumberField, TextField } from '../ui/fields.tsx';
import { Words } from '../ui/words.tsx';
import { ConditionForm } from './condition-form.tsx';
import { describeExit } from './describe-exit.ts';
import { EVENT_NAMES } from './event-names.ts';
import { Variants } from './variants-form.tsx';

export function LimitsForm() {
  const { value: mode } = usePlace<string>('reeligibility.mode');
  return (
    <fieldset class="part">
      <legend>{t('Limits', '제한')}</legend>
      <div class="grid">
        <ChoiceField
          path="reeligibility.mode"
          label={t('Again for the same person', '같은 사람에게 다시')}
          choices={[
            ['never', t('never', '다시 보내지 않음')],
            ['cooldown', t('after a pause', '쉬었다가')],
            ['always', t('always', '언제나')],
          ]}
        />
        {mode === 'cooldown' && (
          <TextField
            path="reeligibility.after"
            label={t('Pause', '쉬는 기간')}
            placeholder="7d"
            hint={t('30m, 7d, or session', '30m, 7d 또는 session')}
          />
        )}
        <ChoiceField
          path="reeligibility.per"
          label={t('Counted', '세는 단위')}
          choices={[
            ['', '–'],
            ['user', t('per user', '사용자마다')],
            ['key', t('per key (item, keyword …)', '키마다 (상품, 검색어 …)')],
          ]}
        />
        <NumberField
          path="reeligibility.max"
          label={t('At most, in all', '모두 합쳐 최대')}
          min={1}
          step={1}
        />
        <TextField path="delivery.expireAfter" label={t('Expires after', '유효 기간')} placeholder="30m" />
        <ChoiceField
          path="delivery.quietHours.action"
          label={t('In quiet hours', '방해 금지 시간에는')}
          choices={[
            ['', t('as the policy says', '정책대로')],
            ['hold', t('wait', '기다림')],
            ['drop', t('don’t send', '보내지 않음')],
            ['next_channel', t('another channel', '다른 채널로')],
          ]}
        />
        <NumberField
          path="experiment.holdout"
          label={t('Hold-out (0–1)', '대조군 비율 (0–1)')}
          min={0}
          max={1}
          step={0.01}
          hint={t(
            '0.05: one in twenty gets nothing, to compare with',
            '0.05: 20명 중 1명은 받지 않고 비교 대상이 됩니다',
          )}
        />
        <ChoiceField
          path="delivery.ifBusy"
          label={t('While another is on screen', '다른 메시지가 떠 있으면')}
          choices={[
            ['', t('don’t send', '보내지 않음')],
            ['queue', t('wait its turn', '차례를 기다림')],
          ]}
        />
      </div>
      <details data-path="delivery.recheck" tabIndex={-1}>
        <summary>{t('Asked once more before it is sent', '보내기 직전에 다시 확인')}</summary>
        <ConditionForm path="delivery.recheck" />
      </details>
      <Variants />
      <Exits />
    </fieldset>
  );
}

function Exits() {
  const { value, set, isLocked } = usePlace<Exit[]>('exit');
  const exits = Array.isArray(value) ? value : [];
  return (
    <div data-path="exit" tabIndex={-1}>
      <p class="hint">
        {t(
          'It is called off at once, also when it is queued, by:',
          '다음이 일어나면 대기 중이더라도 바로 취소됩니다:',
        )}
      </p>
      {exits.map((exit, index) => (
        <div class="row between" key={index}>
          {exit.on && 'event' in exit.on && !exit.if ? (
            <TextField
              path={`exit.${index}.on.event`}
              label={t('Event', '이벤트')}
              list={EVENT_NAMES}
              isRequired
            />
          ) : (
            <span>
              <Words text={describeExit(exit)} />
            </span>
          )}
          <button
            type="button"
            class="plain"
            disabled={isLocked}
            onClick={() => set(exits.length === 1 ? undefined : exits.filter((_, at) => at !== index))}
          >
            {t('Remove', '빼기')}
          </button>
        </div>
      ))}
      <button
        type="button"
        class="plain"
        disabled={isLocked}
        onClick={() => set([...exits, { on: { event: 'Order Completed' } }])}
      >
        {t('+ exit', '+ 취소 조건')}
      </button>
    </div>
  );
}
