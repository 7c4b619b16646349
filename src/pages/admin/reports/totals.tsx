import { REACTIONS } from '../../../engine/reporting/report-facts.ts';
import { number, t } from '../language.ts';
import { money } from './figures.ts';
import { messageWords, offeredWord, sentWord, shareOf, unsentWords, waitingWords } from './message-words.ts';
import { reactionWord } from './number-table.tsx';
import type { MessageReport } from './report-types.ts';

type Tile = [name: string, value: string, more: string | null];

/** The numbers that everybody asks for first. */
export function Totals({ report }: { report: MessageReport }) {
  const { currency, sent, offered, shown, converted, otherValues } = report;
  const { isAnySent, isAnyOffered, seen, ofSeen, ofMessages } = messageWords([report]);
  const unsent = unsentWords(report);
  const others = Object.entries(otherValues).map(([name, amount]) => money(amount, name));
  const tiles: Tile[] = [
    [
      t('People', '사람'),
      number(report.entered),
      t('had a message decided for them', '메시지 발송이 결정된 사람'),
    ],
    ...(isAnySent || unsent || !isAnyOffered ? [[sentWord(), number(sent), unsent] satisfies Tile] : []),
    ...(isAnyOffered ? [[offeredWord(), number(offered), waitingWords(report)] satisfies Tile] : []),
    [seen, number(shown), shareOf(report.openRate72h, t('within 72 hours', '72시간 내'))],
    [t('Clicked', '클릭'), number(report.clicked), shareOf(report.clickToOpen, ofSeen)],
    [t('Dismissed', '닫음'), number(report.dismissed), null],
    [t('Converted', '전환'), number(converted), shareOf(report.conversionRate, ofMessages)],
    [
      t('Revenue', '매출'),
      money(report.value, currency),
      others.length > 0 ? `+ ${others.join(', ')}` : null,
    ],
    ...REACTIONS.map(
      (kind): Tile => [
        reactionWord(kind),
        number(report.reactions[kind]),
        t('within a day after a message', '메시지 후 하루 안에'),
      ],
    ),
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong>
            {more && <span class="hint">{more}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
