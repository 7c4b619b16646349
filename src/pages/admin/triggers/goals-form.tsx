/** What counts as success, and for how long after a message. */
import type { Goal } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { CheckField, TextField } from '../ui/fields.tsx';
import { EVENT_NAMES } from './event-names.ts';

const ORDERED: Goal = {
  id: 'ordered',
  on: { event: 'Order Completed' },
  within: '3d',
  value: 'event.properties.revenue',
};

export function GoalsForm() {
  const { value, set, isLocked } = usePlace<Goal[]>('goals');
  const goals = Array.isArray(value) ? value : [];
  const add = () => {
    const taken = new Set(goals.map(({ id }) => id));
    let id = ORDERED.id;
    for (let number = 2; taken.has(id); number++) id = `${ORDERED.id}-${number}`;
    set([...goals, { ...ORDERED, id }]);
  };
  return (
    <fieldset class="part" data-path="goals" tabIndex={-1}>
      <legend>{t('Goals', '목표')}</legend>
      <p class="hint">
        {t(
          'Counted from the message on, for those who got it and for the hold-out alike.',
          '메시지를 받은 사람과 대조군 모두, 보낸 때부터 같은 방법으로 셉니다.',
        )}
      </p>
      {goals.map((goal, index) => (
        <GoalFields
          key={index}
          goal={goal}
          path={`goals.${index}`}
          remove={() => set(goals.length === 1 ? undefined : goals.filter((_, at) => at !== index))}
        />
      ))}
      <button type="button" class="plain" disabled={isLocked} onClick={add}>
        {t('+ goal', '+ 목표')}
      </button>
    </fieldset>
  );
}

function GoalFields({ goal, path, remove }: { goal: Goal; path: string; remove(): void }) {
  const { isLocked } = usePlace<Goal>(path);
  return (
    <div class="box">
      <div class="row between">
        <strong>{goal.id}</strong>
        <button type="button" class="plain" disabled={isLocked} onClick={remove}>
          {t('Remove', '빼기')}
        </button>
      </div>
      <div class="grid">
        <TextField path={`${path}.id`} label={t('Called', '이름')} isRequired />
        {'event' in goal.on ? (
          <TextField path={`${path}.on.event`} label={t('Event', '이벤트')} list={EVENT_NAMES} isRequired />
        ) : (
          <p class="quiet">
            <code>{JSON.stringify(goal.on)}</code> {t('(edit in JSON)', '(JSON에서 고치기)')}
          </p>
        )}
        <TextField path={`${path}.within`} label={t('Within', '기간')} placeholder="3d" isRequired />
        <TextField
          path={`${path}.value`}
          label={t('Worth (path of a number)', '금액 경로')}
          placeholder="event.properties.revenue"
        />
      </div>
      <CheckField
        path={`${path}.matchKey`}
        label={t('Only of the same key (item, …)', '같은 키(상품 등)만')}
      />
    </div>
  );
}
