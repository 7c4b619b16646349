/** A backtest in sentences: first what it says, then how far that can be trusted. */
import type { Channel } from '../../../../engine/trigger.ts';
import { counted, money, number, t } from '../../language.ts';
import { channelWord } from '../channel-words.ts';
import type { Backtest } from './backtest.ts';

export function outcomeWords(backtest: Backtest): string {
  const { replayed } = backtest.profiles;
  const of = t(`Of ${people(replayed)}, `, `${number(replayed)}명 중 `);
  return `${of}${whoGets(backtest)}; ${whatGivesWay(backtest)}.`;
}

function whoGets({ messages }: Backtest): string {
  const { count, people: reached, heldOut } = messages;
  const held =
    heldOut === 0
      ? ''
      : t(
          `, and ${messagesIn(heldOut)} would have been held out`,
          `, 홀드아웃으로 보내지 않았을 메시지 ${number(heldOut)}개`,
        );
  if (count === 0) return t(`nobody would have got a message${held}`, `아무도 받지 않았을 것입니다${held}`);
  return t(
    `${number(reached)} would have got ${messagesIn(count)} (${channels(messages)})${cost(messages)}${held}`,
    `${number(reached)}명이 메시지 ${number(count)}개를 받았을 것입니다 (${channels(messages)})${cost(messages)}${held}`,
  );
}

function channels({ perChannel }: Backtest['messages']): string {
  return Object.entries(perChannel)
    .map(([channel, count]) => {
      const word = channelWord(channel as Channel);
      return t(`${number(count)} × ${word}`, `${word} ${number(count)}개`);
    })
    .join(', ');
}

function cost({ cost: costs }: Backtest['messages']): string {
  if (costs.length === 0) return t(', on channels without a price', ', 가격이 정해지지 않은 채널');
  const sum = costs.map(({ amount, currency }) => money(amount, currency)).join(' + ');
  return t(`, at a cost of ${sum}`, `, 비용 ${sum}`);
}

function whatGivesWay({ displaced }: Backtest): string {
  if (displaced.length === 0) {
    return t(
      'no message of another trigger would have given way',
      '다른 트리거의 메시지는 밀려나지 않습니다',
    );
  }
  const later = displaced.filter(({ laterAt }) => laterAt !== null).length;
  const others = displaced.length;
  return t(
    `${messagesIn(others)} of other triggers would have been displaced${laterEnglish(later, others)}`,
    `다른 트리거의 메시지 ${number(others)}개가 밀려났을 것입니다${laterKorean(later, others)}`,
  );
}

function laterEnglish(later: number, all: number): string {
  if (later === 0) return ' for good';
  return later === all ? ' until later' : `, ${number(later)} of them until later, the others for good`;
}

function laterKorean(later: number, all: number): string {
  if (later === 0) return ' (나중에도 나가지 않음)';
  return later === all ? ' (나중에 나감)' : ` (${number(later)}개는 나중에 나가고, 나머지는 나가지 않음)`;
}

/** What was really sent is what the replay can be held against. */
export function fidelityWords({
  fidelity: { recorded, reproduced },
  profiles: { skipped },
}: Backtest): string[] {
  const compared =
    recorded === 0
      ? t(
          'To these people nothing was really sent in that time: there is nothing to hold the replay against.',
          '그 기간에 이 사용자들에게 실제로 보낸 메시지가 없어, 재생이 맞는지 견줄 것이 없습니다.',
        )
      : t(
          `To these people ${messagesIn(recorded)} really went out in that time; lived again without this draft, ${number(reproduced)} of them ${reproduced === 1 ? 'does' : 'do'} so again.`,
          `그 기간에 이 사용자들에게 실제로 나간 메시지는 ${number(recorded)}개이고, 이 초안 없이 다시 재생하면 그중 ${number(reproduced)}개가 다시 나갑니다.`,
        );
  const left =
    skipped === 0
      ? []
      : [
          t(
            `${people(skipped)} more couldn’t be lived again: gone, merged, or with too many events.`,
            `그 밖에 ${number(skipped)}명은 재생할 수 없었습니다. 삭제되었거나, 합쳐졌거나, 이벤트가 너무 많습니다.`,
          ),
        ];
  return [compared, ...left];
}

function people(count: number): string {
  return counted(count, 'person', 'people');
}

function messagesIn(count: number): string {
  return counted(count, 'message', 'messages');
}
