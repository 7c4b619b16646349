/** Messages and what came of them, a row for each channel, variant or trigger. */
import type { ReactionKind } from '../../../engine/reporting/report-facts.ts';
import { number, t } from '../language.ts';
import { type Column, Table } from '../ui/table.tsx';
import { money, percent } from './figures.ts';
import { messageWords, offeredWord, sentWord, waitingWords } from './message-words.ts';
import type { Numbers } from './report-types.ts';

export interface NumberRow {
  id: string;
  name: preact.ComponentChildren;
  numbers: Numbers;
}

export function reactionWord(kind: ReactionKind): string {
  return {
    opted_out: t('Opted out', '수신 거부'),
    push_disabled: t('Switched notifications off', '알림 끔'),
    uninstalled: t('Removed the app', '앱 삭제'),
  }[kind];
}

function leftAfter({ reactions }: Numbers): number {
  return reactions.opted_out + reactions.push_disabled + reactions.uninstalled;
}

interface Props {
  label: string;
  of: string;
  rows: NumberRow[];
  currency: string;
}

export function NumberTable({ label, of, rows, currency }: Props) {
  const count = (head: string, value: (numbers: Numbers) => preact.ComponentChildren): Column<NumberRow> => ({
    head,
    isNumber: true,
    cell: ({ numbers }) => value(numbers),
  });
  const { isAnySent, isAnyOffered, seen } = messageWords(rows.map(({ numbers }) => numbers));
  return (
    <Table
      label={label}
      keyOf={({ id }) => id}
      items={rows}
      columns={[
        { head: of, cell: ({ name }) => name },
        ...(isAnySent || !isAnyOffered ? [count(sentWord(), sentCell)] : []),
        ...(isAnyOffered ? [count(offeredWord(), offeredCell)] : []),
        count(seen, ({ shown }) => number(shown)),
        count(t('Clicked', '클릭'), ({ clicked }) => number(clicked)),
        count(t('Click rate', '클릭률'), ({ clickToOpen }) => percent(clickToOpen)),
        count(t('Converted', '전환'), ({ converted }) => number(converted)),
        count(t('Conversion rate', '전환율'), ({ conversionRate }) => percent(conversionRate)),
        count(t('Revenue', '매출'), ({ value }) => money(value, currency)),
        count(t('Left after it', '이탈'), (numbers) => number(leftAfter(numbers))),
      ]}
    />
  );
}

/** What goes nowhere but into the app is not sent at all. */
function sentCell({ sent, offered }: Numbers): string {
  return sent === 0 && offered > 0 ? '–' : number(sent);
}

function offeredCell(numbers: Numbers) {
  const waiting = waitingWords(numbers);
  if (numbers.offered === 0) return '–';
  return (
    <span>
      {number(numbers.offered)}
      {waiting && <span class="beside">{waiting}</span>}
    </span>
  );
}
