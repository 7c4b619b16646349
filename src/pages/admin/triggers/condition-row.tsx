import type { Condition } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, NumberField, TextField } from '../ui/fields.tsx';
import { Words } from '../ui/words.tsx';
import { whoWords } from './describe.ts';
import { EVENT_NAMES, FIELD_PATHS } from './event-names.ts';
import { OperatorFields } from './operator-fields.tsx';

type Kind = 'field' | 'did' | 'didNot' | 'segment' | 'relation' | 'occurrence' | 'other';

const BEGINNINGS: Record<Exclude<Kind, 'other'>, () => Condition> = {
  field: () => ({ field: 'user.known', op: 'eq', value: true }),
  did: () => ({ did: 'Product Viewed', count: { gte: 1 } }),
  didNot: () => ({ didNot: 'Order Completed' }),
  segment: () => ({ segment: '' }),
  relation: () => ({ relation: 'liked' }),
  occurrence: () => ({ occurrence: 'first_ever' }),
};

const kinds = (): readonly (readonly [Kind, string])[] => [
  ['field', t('a value', '값')],
  ['did', t('has done', '한 적 있음')],
  ['didNot', t('has not done', '한 적 없음')],
  ['segment', t('is in the segment', '세그먼트에 속함')],
  ['relation', t('the item is', '상품과의 관계')],
  ['occurrence', t('for the first time', '처음')],
];

function kindOf(condition: Condition): Kind {
  const kind = (Object.keys(BEGINNINGS) as (keyof typeof BEGINNINGS)[]).find((one) => one in condition);
  return kind ?? 'other';
}

interface Props {
  condition: Condition;
  path: string;
  /** Null takes it away. */
  replace(next: Condition | null): void;
}

export function ConditionRow({ condition, path, replace }: Props) {
  const { isLocked } = usePlace(path);
  const kind = kindOf(condition);
  return (
    <div class="box">
      <div class="row between">
        <select
          aria-label={t('Kind of condition', '조건의 종류')}
          disabled={isLocked}
          value={kind}
          onChange={(event) => {
            const next = event.currentTarget.value as Kind;
            if (next !== 'other') replace(BEGINNINGS[next]());
          }}
        >
          {kinds().map(([one, word]) => (
            <option key={one} value={one}>
              {word}
            </option>
          ))}
          {kind === 'other' && <option value="other">{t('another (see JSON)', '기타 (JSON)')}</option>}
        </select>
        <button type="button" class="plain" disabled={isLocked} onClick={() => replace(null)}>
          {t('Remove', '빼기')}
        </button>
      </div>
      <Fields kind={kind} condition={condition} path={path} />
    </div>
  );
}

function Fields({ kind, condition, path }: { kind: Kind; condition: Condition; path: string }) {
  switch (kind) {
    case 'field':
      return (
        <div class="grid">
          <TextField path={`${path}.field`} label={t('Value of', '항목')} list={FIELD_PATHS} isRequired />
          <OperatorFields path={path} />
        </div>
      );
    case 'did':
      return (
        <div class="grid">
          <TextField path={`${path}.did`} label={t('Event', '이벤트')} list={EVENT_NAMES} isRequired />
          <NumberField path={`${path}.count.gte`} label={t('At least times', '최소 횟수')} min={0} step={1} />
          <TextField path={`${path}.window.last`} label={t('In the last', '최근')} placeholder="30d" />
        </div>
      );
    case 'didNot':
      return (
        <div class="grid">
          <TextField path={`${path}.didNot`} label={t('Event', '이벤트')} list={EVENT_NAMES} isRequired />
          <TextField
            path={`${path}.window.last`}
            label={t('In the last', '최근')}
            placeholder={t('ever', '전체')}
          />
        </div>
      );
    case 'segment':
      return <TextField path={`${path}.segment`} label={t('Segment', '세그먼트')} isRequired />;
    case 'relation':
      return (
        <ChoiceField
          path={`${path}.relation`}
          label={t('The item is', '상품이')}
          choices={(['liked', 'in_cart', 'viewed', 'purchased', 'subscribed'] as const).map((one) => [
            one,
            one,
          ])}
        />
      );
    case 'occurrence':
      return (
        <ChoiceField
          path={`${path}.occurrence`}
          label={t('The first', '처음')}
          choices={[
            ['first_ever', t('ever', '전체에서')],
            ['first_in_session', t('in the session', '세션에서')],
          ]}
        />
      );
    default:
      return (
        <p class="quiet">
          <Words text={whoWords(condition)} />
        </p>
      );
  }
}
