import { t } from '../language.ts';
import { ChoiceField, NumberField, TextField } from '../ui/fields.tsx';
import { ConditionForm } from './condition-form.tsx';

export function WhoForm() {
  return (
    <fieldset class="part">
      <legend>{t('Who', '누구에게')}</legend>
      <p class="hint">
        {t(
          'Asked in the moment of the event, which counts itself. Without a condition: everybody.',
          '이벤트 순간에 확인하며, 그 이벤트도 셈에 들어갑니다. 조건이 없으면 모두에게 보냅니다.',
        )}
      </p>
      <ConditionForm path="entry.if" />
      <div class="grid">
        <TextField path="name" label={t('Name', '이름')} />
        <ChoiceField
          path="category"
          label={t('Kind', '종류')}
          choices={[
            ['marketing', t('marketing (asks consent)', '광고성 (동의 확인)')],
            ['transactional', t('transactional', '정보성')],
          ]}
        />
        <NumberField
          path="priority"
          label={t('Priority 0–100', '우선순위 0–100')}
          min={0}
          max={100}
          step={1}
        />
      </div>
    </fieldset>
  );
}
