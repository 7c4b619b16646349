/** What starts a run, as a clause: "somebody does `Products Searched`". */
import type { ItemOn, On, SegmentOn, TopicOn } from '../../../engine/trigger.ts';
import { language, t } from '../language.ts';

type Say = (en: string, ko: string) => string;

export function onWords(on: On): string {
  if ('topic' in on) return topicWords(on, t);
  return 'segment' in on && 'change' in on ? segmentWords(on, t) : otherWords(on, t);
}

function segmentWords({ segment, change }: SegmentOn, say: Say): string {
  return change === 'entered'
    ? say(`somebody enters the segment \`${segment}\``, `세그먼트 \`${segment}\`에 들어올 때`)
    : say(`somebody leaves the segment \`${segment}\``, `세그먼트 \`${segment}\`에서 나갈 때`);
}

const TOPICS: Record<TopicOn['topic'], [en: string, ko: string]> = {
  category: ['category', '카테고리'],
  brand: ['brand', '브랜드'],
  keyword: ['keyword', '키워드'],
};

function topicWords({ topic, change }: TopicOn, say: Say): string {
  const name = say(...TOPICS[topic]);
  return change === 'new_item'
    ? say(`a ${name} that somebody follows has a new item`, `팔로우한 ${name}에 새 상품이 들어올 때`)
    : say(`an item of a followed ${name} gets cheaper`, `팔로우한 ${name}의 상품 가격이 내릴 때`);
}

function otherWords(on: Exclude<On, SegmentOn | TopicOn>, say: Say): string {
  if ('item' in on)
    return on.item === 'price_drop' ? dropWords(on.minDrop, on.relation, say) : newsWords(on, say);
  if ('inactive' in on) {
    const what = on.event ? `\`${on.event}\`` : say('anything', '아무 활동');
    return say(
      `somebody hasn’t done ${what} for ${on.inactive}`,
      `${what}이(가) ${on.inactive} 동안 없을 때`,
    );
  }
  if ('attribute' in on) return say(`\`${on.attribute}\` changes`, `\`${on.attribute}\` 값이 바뀔 때`);
  if ('date' in on) return dateWords(on.date, on.offset, on.time, say);
  if ('at' in on) {
    const every = on.every ? say(`, then every ${on.every}`, `, 그 뒤 ${on.every}마다`) : '';
    return say(`it is ${local(on.at)}${every}`, `${local(on.at)}${every}이(가) 되면`);
  }
  if ('message' in on) {
    return say(
      `a message of \`${on.trigger ?? 'any trigger'}\` was ${on.message}`,
      `\`${on.trigger ?? '모든 트리거'}\` 메시지가 ${on.message} 되었을 때`,
    );
  }
  return eventWords(on.event, say);
}

function eventWords(event: string, say: Say): string {
  if (event === '$page') return say('somebody opens a page', '누군가 화면을 열 때');
  if (event === '$session_start') return say('a session begins', '세션이 시작될 때');
  if (event === '$consent')
    return say('somebody consents or withdraws', '누군가 수신에 동의하거나 철회할 때');
  if (event === '$consent_renewal_due')
    return say('consents are to be confirmed', '수신동의를 다시 확인할 때가 되면');
  return say(`somebody does \`${event}\``, `누군가 \`${event}\`을(를) 했을 때`);
}

function dropWords(
  minDrop: { abs?: number; pct?: number } | undefined,
  relation: readonly string[] | undefined,
  say: Say,
): string {
  const least = minDrop?.pct === undefined ? minDrop?.abs : `${minDrop.pct}%`;
  const by = least === undefined ? '' : say(` by ${least} or more`, ` ${least} 이상`);
  const whose = relation?.join(', ') ?? say('known', '관련된');
  return say(
    `an item that somebody has (${whose}) gets cheaper${by}`,
    `누군가의 상품(${whose}) 가격이${by} 내릴 때`,
  );
}

function newsWords({ item, relation, lowStock = 5 }: ItemOn, say: Say): string {
  const whose = relation?.join(', ') ?? say('known', '관련된');
  const said = {
    back_in_stock: say('is back in stock', '다시 입고될 때'),
    low_stock: say(`has ${lowStock} or fewer left`, `${lowStock}개 이하로 남을 때`),
    changed: say('changes', '정보가 바뀔 때'),
    price_drop: '',
  }[item];
  return say(`an item that somebody has (${whose}) ${said}`, `누군가의 상품(${whose})이 ${said}`);
}

function dateWords(path: string, offset = '', time = '', say: Say): string {
  const at = time ? say(` at ${time}`, ` ${time}`) : '';
  return say(
    `the day in \`${path}\` comes${offset ? ` (${offset})` : ''}${at}`,
    `\`${path}\` 날짜${offset ? `(${offset})` : ''}${at}에`,
  );
}

function local(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString(language.value);
}
