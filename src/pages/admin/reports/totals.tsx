import { REACTIONS } from '../../../engine/reporting/report-facts.ts';
import { number, t } from '../language.ts';
import { money, percent, ratio } from './figures.ts';
import { reactionWord } from './number-table.tsx';
import type { MessageReport } from './report-types.ts';

/** The numbers that everybody asks for first. */
export function Totals({ report }: { report: MessageReport }) {
  const { currency, sent, shown, converted, otherValues } = report;
  const others = Object.entries(otherValues).map(([name, amount]) => money(amount, name));
  const tiles: [name: string, value: string, more: string | null][] = [
    [
      t('People', '사람'),
      number(report.entered),
      t('got a message, or would have', '메시지를 받았거나 받을 예정이던'),
    ],
    [t('Sent', '발송'), number(sent), null],
    [
      t('Opened', '열람'),
      number(shown),
      t(`${percent(report.openRate72h)} within 72 hours`, `72시간 내 ${percent(report.openRate72h)}`),
    ],
    [
      t('Clicked', '클릭'),
      number(report.clicked),
      t(`${percent(report.clickToOpen)} of opened`, `열람 대비 ${percent(report.clickToOpen)}`),
    ],
    [t('Dismissed', '닫음'), number(report.dismissed), null],
    [
      t('Converted', '전환'),
      number(converted),
      t(`${ratio(converted, sent)} of sent`, `발송 대비 ${ratio(converted, sent)}`),
    ],
    [
      t('Revenue', '매출'),
      money(report.value, currency),
      others.length > 0 ? `+ ${others.join(', ')}` : null,
    ],
    ...REACTIONS.map((kind): [string, string, string | null] => [
      reactionWord(kind),
      number(report.reactions[kind]),
      t('within a day after a message', '메시지 후 하루 안에'),
    ]),
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
