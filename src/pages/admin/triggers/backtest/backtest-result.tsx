import { number, t, when } from '../../language.ts';
import { UserLink } from '../../operations/user-link.tsx';
import { linkTo } from '../../route.ts';
import { gist } from '../../ui/gist.ts';
import { LongTable } from '../../ui/long-table.tsx';
import type { Column } from '../../ui/table.tsx';
import { Words } from '../../ui/words.tsx';
import { channelWord } from '../channel-words.ts';
import type { Backtest, BacktestItem, Displaced } from './backtest.ts';
import { fidelityWords, outcomeWords } from './backtest-words.ts';

export function BacktestResult({ backtest }: { backtest: Backtest }) {
  const { items, displaced, reasons, limits, cursor } = backtest;
  const counts = Object.entries(reasons).sort(([, one], [, other]) => other - one);
  return (
    <>
      <p class="sentence">
        {outcomeWords(backtest)}
        {cursor !== null && ` ${t('These are not all yet.', '아직 전부가 아닙니다.')}`}
      </p>
      {items.length > 0 && (
        <LongTable
          label={t('Who would have got what', '누가 무엇을 받았을까')}
          columns={itemColumns()}
          items={items}
        />
      )}
      {displaced.length > 0 && (
        <details>
          <summary>{t('What would have given way', '밀려났을 메시지')}</summary>
          <LongTable
            label={t('Displaced messages', '밀려난 메시지')}
            columns={displacedColumns()}
            items={displaced}
          />
        </details>
      )}
      <details>
        <summary>{t('What the trigger answered, how often', '트리거의 답과 횟수')}</summary>
        <dl class="facts">
          {counts.map(([reason, count]) => (
            <div key={reason}>
              <dt>
                <code>{reason}</code>
              </dt>
              <dd>{number(count)}</dd>
            </div>
          ))}
        </dl>
        {counts.length === 0 && (
          <p class="quiet">
            {t('Nothing that it listens to has happened.', '이 트리거가 듣는 일이 없었습니다.')}
          </p>
        )}
      </details>
      <h3>{t('How far this can be trusted', '얼마나 믿을 수 있나')}</h3>
      {fidelityWords(backtest).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <details>
        <summary>{t('What a replay can’t know', '재생이 알 수 없는 것')}</summary>
        <ul class="limits">
          {limits.map((limit) => (
            <li key={limit}>
              <Words text={limit} />
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function itemColumns(): Column<BacktestItem>[] {
  return [
    { head: t('When', '시각'), cell: ({ at }) => when(at) },
    { head: t('To', '받는 사람'), cell: (one) => <UserLink {...one} /> },
    { head: t('Channel', '채널'), cell: ({ channel }) => channelWord(channel) },
    {
      head: t('Because of', '계기'),
      cell: ({ event, variant }) => (
        <>
          {event === null ? t('time alone', '시간') : <code>{event}</code>}
          {variant !== null && <span class="quiet"> {variant}</span>}
        </>
      ),
    },
    { head: t('Text', '내용'), cell: ({ content }) => gist(content) },
  ];
}

function displacedColumns(): Column<Displaced>[] {
  return [
    { head: t('When', '시각'), cell: ({ at }) => when(at) },
    { head: t('To', '받는 사람'), cell: (one) => <UserLink {...one} /> },
    {
      head: t('Trigger', '트리거'),
      cell: ({ trigger }) => <a href={linkTo('triggers', trigger)}>{trigger}</a>,
    },
    { head: t('Channel', '채널'), cell: ({ channel }) => channelWord(channel) },
    {
      head: t('Instead', '대신'),
      cell: ({ laterAt }) => (laterAt === null ? t('not at all', '나가지 않음') : when(laterAt)),
    },
    {
      head: t('Really sent', '실제 발송'),
      cell: ({ wasSent }) => (wasSent ? t('yes', '예') : t('no', '아니요')),
    },
  ];
}
