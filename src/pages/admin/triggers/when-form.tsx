import type { On } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, TextField } from '../ui/fields.tsx';
import { ConditionForm } from './condition-form.tsx';
import { EVENT_NAMES } from './event-names.ts';
import { ItemFields } from './item-fields.tsx';

const kinds = (): readonly (readonly [Kind, string])[] => [
  ['event', t('an event', '이벤트')],
  ['item', t('news of an item', '상품 소식')],
  ['topic', t('a followed topic', '팔로우한 주제')],
  ['inactive', t('a silence', '활동 없음')],
  ['date', t('a date of the user', '사용자의 날짜')],
  ['at', t('a moment (broadcast)', '정한 시각 (일괄 발송)')],
  ['segment', t('entering or leaving a segment', '세그먼트 진입·이탈')],
  ['attribute', t('a trait that changes', '속성 변화')],
  ['message', t('what became of a message', '메시지 반응')],
];
type Kind = 'event' | 'item' | 'topic' | 'inactive' | 'date' | 'at' | 'segment' | 'attribute' | 'message';

/** What a listener of each kind begins as. */
const BEGINNINGS: Record<Kind, () => On> = {
  event: () => ({ event: '' }),
  item: () => ({ item: 'price_drop', relation: ['liked', 'in_cart'], minDrop: { pct: 5 } }),
  topic: () => ({ topic: 'keyword', change: 'new_item' }),
  inactive: () => ({ inactive: '30d' }),
  date: () => ({ date: 'user.traits.birthday', every: 'year', time: '10:00' }),
  at: () => ({ at: new Date(Date.now() + 86_400_000).toISOString() }),
  segment: () => ({ segment: '', change: 'entered' }),
  attribute: () => ({ attribute: 'user.traits.tier' }),
  message: () => ({ message: 'clicked' }),
};

function kindOf(on: On): Kind {
  // `inactive` may name an event too.
  const order: Kind[] = ['item', 'topic', 'inactive', 'attribute', 'date', 'at', 'segment', 'message'];
  return order.find((kind) => kind in on) ?? 'event';
}

export function WhenForm() {
  const { value, set, isLocked } = usePlace<On[]>('entry.on');
  const listeners = Array.isArray(value) ? value : [];
  return (
    <fieldset class="part">
      <legend>{t('When', '언제')}</legend>
      {listeners.map((on, index) => (
        <OnForm key={index} on={on} path={`entry.on.${index}`} isOnly={listeners.length === 1} />
      ))}
      <button
        type="button"
        class="plain"
        disabled={isLocked}
        onClick={() => set([...listeners, BEGINNINGS.event()])}
      >
        {t('+ or when …', '+ 또는 …')}
      </button>
      <TextField
        path="entry.lookup.table"
        label={t('Keyword table', '키워드 표')}
        hint={t(
          'Only what the table knows starts a run; its row fills the text.',
          '표에 있는 값만 시작되고, 그 행이 문구를 채웁니다.',
        )}
      />
    </fieldset>
  );
}

function OnForm({ on, path, isOnly }: { on: On; path: string; isOnly: boolean }) {
  const { set, isLocked } = usePlace<On>(path);
  return (
    <div class="box">
      <div class="row between">
        <label>
          {t('It starts with', '시작은')}{' '}
          <select
            disabled={isLocked}
            data-path={path}
            value={kindOf(on)}
            onChange={(event) => set(BEGINNINGS[event.currentTarget.value as Kind]())}
          >
            {kinds().map(([kind, word]) => (
              <option key={kind} value={kind}>
                {word}
              </option>
            ))}
          </select>
        </label>
        {!isOnly && (
          <button type="button" class="plain" onClick={() => set(undefined)}>
            {t('Remove', '빼기')}
          </button>
        )}
      </div>
      <OnFields kind={kindOf(on)} path={path} />
    </div>
  );
}

function OnFields({ kind, path }: { kind: Kind; path: string }) {
  switch (kind) {
    case 'event':
      return (
        <>
          <TextField path={`${path}.event`} label={t('Event', '이벤트 이름')} list={EVENT_NAMES} isRequired />
          <details>
            <summary>{t('Only some of these events', '이 이벤트 중 일부만')}</summary>
            <ConditionForm path={`${path}.where`} />
          </details>
        </>
      );
    case 'item':
      return <ItemFields path={path} />;
    case 'topic':
      return (
        <div class="grid">
          <ChoiceField
            path={`${path}.topic`}
            label={t('Followed', '팔로우한 것')}
            choices={[
              ['category', t('category', '카테고리')],
              ['brand', t('brand', '브랜드')],
              ['keyword', t('keyword', '키워드')],
            ]}
          />
          <ChoiceField
            path={`${path}.change`}
            label={t('Has', '변화')}
            choices={[
              ['new_item', t('a new item', '새 상품')],
              ['price_drop', t('a cheaper item', '가격 인하')],
            ]}
          />
        </div>
      );
    case 'inactive':
      return (
        <div class="grid">
          <TextField path={`${path}.inactive`} label={t('For', '기간')} placeholder="30d" isRequired />
          <TextField
            path={`${path}.event`}
            label={t('Without this event', '이 이벤트 없이')}
            list={EVENT_NAMES}
          />
        </div>
      );
    case 'date':
      return (
        <div class="grid">
          <TextField path={`${path}.date`} label={t('Trait', '속성')} isRequired />
          <ChoiceField
            path={`${path}.every`}
            label={t('Every', '매')}
            choices={[
              ['', t('once', '한 번')],
              ['year', t('year', '년')],
              ['month', t('month', '월')],
            ]}
          />
          <TextField path={`${path}.offset`} label={t('Moved by', '며칠 전후')} placeholder="-1d" />
          <TextField path={`${path}.time`} label={t('At', '시각')} placeholder="10:00" />
        </div>
      );
    case 'at':
      return (
        <div class="grid">
          <TextField
            path={`${path}.at`}
            label={t('At', '시각')}
            placeholder="2026-12-14T11:00:00+09:00"
            isRequired
          />
          <TextField path={`${path}.every`} label={t('Again every', '반복 간격')} placeholder="7d" />
          <TextField path={`${path}.segment`} label={t('To the segment', '받을 세그먼트')} />
        </div>
      );
    case 'segment':
      return (
        <div class="grid">
          <TextField path={`${path}.segment`} label={t('Segment', '세그먼트')} isRequired />
          <ChoiceField
            path={`${path}.change`}
            label={t('Is', '변화')}
            choices={[
              ['entered', t('entered', '들어옴')],
              ['left', t('left', '나감')],
            ]}
          />
        </div>
      );
    case 'attribute':
      return <TextField path={`${path}.attribute`} label={t('Trait', '속성')} isRequired />;
    case 'message':
      return (
        <div class="grid">
          <ChoiceField
            path={`${path}.message`}
            label={t('Was', '반응')}
            choices={(['sent', 'shown', 'clicked', 'dismissed', 'failed'] as const).map((one) => [one, one])}
          />
          <TextField path={`${path}.trigger`} label={t('Of the trigger', '트리거')} />
        </div>
      );
  }
}
