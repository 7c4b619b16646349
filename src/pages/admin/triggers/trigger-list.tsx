import { useState } from 'preact/hooks';
import type { ApiFault } from '../api.ts';
import { readAll } from '../api.ts';
import { language, number, t } from '../language.ts';
import { linkTo } from '../route.ts';
import { faultOf, useLoaded } from '../ui/loaded.ts';
import { Empty, Fault, Pending } from '../ui/notice.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Words } from '../ui/words.tsx';
import { activate, pause } from './change-standing.tsx';
import { onWords } from './describe-on.ts';
import { StandingBadge } from './standing-badge.tsx';
import { type StoredTrigger, standingOf } from './stored-trigger.ts';
import { type Numbers, useNumbers } from './today.ts';

export function TriggerList() {
  const loaded = useLoaded(
    () => readAll<StoredTrigger>(`triggers?lang=${language.value}`),
    `triggers ${language.value}`,
  );
  const [search, setSearch] = useState('');
  const [fault, setFault] = useState<ApiFault | null>(null);
  const numbers = useNumbers();
  const found = (loaded.value ?? []).filter((trigger) => matches(trigger, search));

  async function change(trigger: StoredTrigger): Promise<void> {
    try {
      setFault(null);
      const isDone = await (standingOf(trigger) === 'active' ? pause(trigger) : activate(trigger));
      if (isDone) loaded.reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  }

  return (
    <>
      <div class="head">
        <h1>{t('Triggers', '트리거')}</h1>
        <input
          type="search"
          aria-label={t('Search triggers', '트리거 검색')}
          placeholder={t('Search  /', '검색  /')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={({ key }) => key === 'Escape' && setSearch('')}
        />
        <a class="button main" href="#/new">
          {t('New trigger', '새 트리거')}
        </a>
      </div>
      <Fault fault={fault} />
      {loaded.value ? (
        <>
          <Table
            label={t('Triggers', '트리거')}
            columns={columns(numbers, change)}
            items={found}
            keyOf={({ id }) => id}
          />
          {found.length === 0 && <Nothing isSearch={search !== ''} />}
        </>
      ) : (
        <Pending of={loaded} />
      )}
    </>
  );
}

function Nothing({ isSearch }: { isSearch: boolean }) {
  return (
    <Empty>
      {isSearch
        ? t('No trigger is called that.', '그런 트리거가 없습니다.')
        : t('No trigger yet: start with a recipe.', '아직 트리거가 없습니다. 레시피로 시작하세요.')}
    </Empty>
  );
}

function matches({ id, name = '', tags = [] }: StoredTrigger, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return [id, name, ...tags].some((text) => text.toLowerCase().includes(wanted));
}

function columns(
  numbers: ((trigger: string) => Numbers) | null,
  change: (trigger: StoredTrigger) => Promise<void>,
): Column<StoredTrigger>[] {
  const count = (id: string, of: (own: Numbers) => number) => (numbers ? number(of(numbers(id))) : '·');
  return [
    {
      head: t('Trigger', '트리거'),
      cell: ({ id, name, entry }) => (
        <div class="name">
          <a href={linkTo('triggers', id)}>{name ?? id}</a>
          <span class="quiet">
            <Words text={entry.on.map(onWords).join(t(', or ', ' 또는 '))} />
          </span>
        </div>
      ),
    },
    { head: t('Status', '상태'), cell: (trigger) => <Standing trigger={trigger} /> },
    {
      head: t('Sent or offered today', '오늘 발송·제공'),
      isNumber: true,
      cell: ({ id }) => count(id, ({ sent, offered }) => sent + offered),
    },
    { head: t('Clicked', '클릭'), isNumber: true, cell: ({ id }) => count(id, ({ clicked }) => clicked) },
    {
      head: t('Converted', '전환'),
      isNumber: true,
      cell: ({ id }) => count(id, ({ converted }) => converted),
    },
    {
      head: t('Action', '동작'),
      cell: (trigger) => (
        <button
          type="button"
          onClick={() => void change(trigger)}
          aria-label={`${actionWord(trigger)}: ${trigger.id}`}
        >
          {actionWord(trigger)}
        </button>
      ),
    },
  ];
}

function Standing({ trigger }: { trigger: StoredTrigger }) {
  return (
    <div class="name">
      <StandingBadge trigger={trigger} />
      {trigger.guardrail && standingOf(trigger) === 'paused' && (
        <span class="quiet">
          {t('by its guardrail', '안전장치에 의해')}
          <span class="unseen">: {trigger.guardrail.why}</span>
        </span>
      )}
    </div>
  );
}

function actionWord(trigger: StoredTrigger): string {
  return standingOf(trigger) === 'active' ? t('Pause', '멈추기') : t('Activate', '켜기');
}
