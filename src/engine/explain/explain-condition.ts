/** One condition and what was found, in words: `user.traits.tier` is "GOLD"; needed: is "VIP". */

import type { Weekday } from '../time/zone-time.ts';
import type {
  Condition,
  Count,
  DidCondition,
  FieldCondition,
  LocalTimeCondition,
  NearCondition,
  Operator,
  ReceivedCondition,
  SequenceCondition,
  Window,
} from '../trigger.ts';
import type { Json, JsonObject } from '../vocabulary.ts';

export type Language = 'en' | 'ko';

const OPERATOR_WORDS: Record<Operator, Record<Language, string>> = {
  eq: { en: 'is', ko: '같음' },
  ne: { en: 'is not', ko: '같지 않음' },
  gt: { en: 'is more than', ko: '초과' },
  gte: { en: 'is at least', ko: '이상' },
  lt: { en: 'is less than', ko: '미만' },
  lte: { en: 'is at most', ko: '이하' },
  between: { en: 'lies between', ko: '사이' },
  in: { en: 'is one of', ko: '중 하나' },
  contains: { en: 'contains', ko: '포함' },
  startsWith: { en: 'starts with', ko: '시작' },
  endsWith: { en: 'ends with', ko: '끝' },
  like: { en: 'is like', ko: '형식' },
  exists: { en: 'exists', ko: '값이 있음' },
  missing: { en: 'is missing', ko: '값이 없음' },
  before: { en: 'is before', ko: '이전' },
  after: { en: 'is after', ko: '이후' },
  olderThan: { en: 'is longer ago than', ko: '보다 오래됨' },
  withinLast: { en: 'is within the last', ko: '최근' },
  withinNext: { en: 'is within the next', ko: '앞으로' },
  hasAll: { en: 'has all of', ko: '모두 포함' },
  hasAny: { en: 'has any of', ko: '하나라도 포함' },
};

const COUNT_WORDS: Record<keyof Count, Record<Language, string>> = {
  eq: { en: 'exactly', ko: '정확히' },
  gt: { en: 'more than', ko: '초과' },
  gte: { en: 'at least', ko: '이상' },
  lt: { en: 'less than', ko: '미만' },
  lte: { en: 'at most', ko: '이하' },
};

export function describeCondition(condition: Condition, values: JsonObject, language: Language): string {
  if ('field' in condition) return describeField(condition, values, language);
  return foundAndNeeded(values, neededWords(condition, language), language);
}

/** What a condition asks for, whatever is found: `user.traits.tier` is "VIP". Nothing for one that only holds others. */
export function conditionWords(condition: Condition, language: Language): string {
  if (!('field' in condition)) return neededWords(condition, language);
  const { field, op, value } = condition;
  const word = OPERATOR_WORDS[op][language];
  const wanted = value === undefined ? '' : ` ${show(value as Json)}`;
  return language === 'ko' ? `\`${field}\`${wanted} ${word}` : `\`${field}\` ${word}${wanted}`;
}

/** `a is 1. needed: …`, either half left out where it is empty. */
export function foundAndNeeded(values: JsonObject, needed: string, language: Language): string {
  const needs = needed === '' ? '' : `${language === 'ko' ? '필요' : 'needed'}: ${needed}.`;
  return [showValues(values), needs].filter((part) => part !== '').join(' ');
}

/** `a is 1, b is missing.`; nothing where nothing was seen. */
function showValues(values: JsonObject): string {
  const parts = Object.entries(values).map(([name, value]) => `\`${name}\` = ${show(value)}`);
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}

function describeField(condition: FieldCondition, values: JsonObject, language: Language): string {
  const found = Object.hasOwn(values, condition.field) ? show(values[condition.field] ?? null) : null;
  const word = OPERATOR_WORDS[condition.op][language];
  const wanted = condition.value === undefined ? '' : ` ${show(condition.value as Json)}`;
  if (language === 'ko') {
    const saw = found === null ? '' : `\`${condition.field}\` 값은 ${found}. `;
    return `${saw}필요: \`${condition.field}\`${wanted} ${word}.`;
  }
  const saw = found === null ? '' : `\`${condition.field}\` is ${found}; `;
  return `${saw}needed: ${word}${wanted}.`;
}

type Other = Exclude<Condition, FieldCondition>;

/** What a condition that isn't about a field asks for. */
function neededWords(condition: Other, language: Language): string {
  const say = (en: string, ko: string) => (language === 'ko' ? ko : en);
  if ('did' in condition) return didWords(condition, language);
  if ('didNot' in condition) {
    return `\`${condition.didNot}\` ${say('never', '없음')}${windowWords(condition.window, language)}`;
  }
  if ('received' in condition) return receivedWords(condition, language);
  if ('occurrence' in condition) return occurrenceWords(condition.occurrence, language);
  if ('segment' in condition) return `${say('segment', '세그먼트')} \`${condition.segment}\``;
  if ('sequence' in condition) return sequenceWords(condition, language);
  if ('localTime' in condition) return localTimeWords(condition, language);
  if ('near' in condition) return nearWords(condition, language);
  if ('relation' in condition) return `${say('the item to be', '상품과의 관계')} \`${condition.relation}\``;
  if ('not' in condition) return say('what stands inside `not` not to hold', '`not` 안의 조건이 맞지 않음');
  return 'any' in condition ? say('one of `any` to hold', '`any` 중 하나가 맞음') : '';
}

function didWords({ did, count, window }: DidCondition, language: Language): string {
  const often = countWords(count ?? { gte: 1 }, language);
  return `\`${did}\` ${often}${windowWords(window, language)}`;
}

function receivedWords(condition: ReceivedCondition, language: Language): string {
  const { received, trigger, tag, count, window } = condition;
  const of = trigger ?? tag ?? (language === 'ko' ? '모든 트리거' : 'any trigger');
  return `\`${received}\` (${of}) ${countWords(count ?? { gte: 1 }, language)}${windowWords(window, language)}`;
}

function occurrenceWords(kind: 'first_ever' | 'first_in_session', language: Language): string {
  if (kind === 'first_ever') {
    return language === 'ko' ? '이 이벤트가 처음' : 'the first event of this name ever';
  }
  return language === 'ko' ? '이 이벤트가 세션에서 처음' : 'the first event of this name in the session';
}

function countWords(count: Count, language: Language): string {
  return (Object.keys(count) as (keyof Count)[])
    .map((name) => {
      const word = COUNT_WORDS[name][language];
      if (language === 'en') return `${word} ${count[name]} times`;
      return name === 'eq' ? `${word} ${count[name]}회` : `${count[name]}회 ${word}`;
    })
    .join(language === 'ko' ? ', ' : ' and ');
}

function windowWords(window: Window | undefined, language: Language): string {
  if (window === undefined) return '';
  if ('last' in window) return language === 'ko' ? ` (최근 ${window.last})` : ` in the last ${window.last}`;
  if ('since' in window) {
    const isEntry = window.since === 'entry';
    if (language === 'ko') return isEntry ? ' (진입 이후)' : ' (세션 시작 이후)';
    return isEntry ? ' since the run began' : ' since the session began';
  }
  return calendarWords(window.calendar, window.count ?? 1, language);
}

const UNIT_WORDS = { day: '일', week: '주', month: '개월' } as const;

function calendarWords(unit: keyof typeof UNIT_WORDS, count: number, language: Language): string {
  if (language === 'ko') {
    return count === 1
      ? ` (${{ day: '오늘', week: '이번 주', month: '이번 달' }[unit]})`
      : ` (달력으로 최근 ${count}${UNIT_WORDS[unit]})`;
  }
  return count === 1 ? ` in this calendar ${unit}` : ` in the last ${count} calendar ${unit}s`;
}

function sequenceWords({ sequence, within, same }: SequenceCondition, language: Language): string {
  const steps = sequence.map((item) => {
    if ('did' in item) return `\`${item.did}\``;
    return language === 'ko' ? `\`${item.didNot}\` 없음` : `no \`${item.didNot}\``;
  });
  if (language === 'ko') {
    return `${steps.join(' → ')} (${within} 안에${same === undefined ? '' : `, 같은 \`${same}\``})`;
  }
  return `${steps.join(', then ')} within ${within}${same === undefined ? '' : `, all with the same \`${same}\``}`;
}

const DAY_WORDS: Record<Weekday, string> = {
  mon: '월',
  tue: '화',
  wed: '수',
  thu: '목',
  fri: '금',
  sat: '토',
  sun: '일',
};

function localTimeWords({ localTime: [from, to], days }: LocalTimeCondition, language: Language): string {
  if (language === 'ko') {
    const on = days === undefined ? '' : ` (${days.map((day) => DAY_WORDS[day]).join(', ')})`;
    return `사용자 시각으로 ${from}~${to}${on}`;
  }
  const on = days === undefined ? '' : ` (${days.join(', ')})`;
  return `${from} to ${to} on the user's clock${on}`;
}

function nearWords({ near: { lat, lng, meters }, entered }: NearCondition, language: Language): string {
  if (language === 'ko') return `${lat}, ${lng}에서 ${meters} m 안${entered ? '으로 들어옴' : '에 있음'}`;
  return `${entered ? 'coming' : 'being'} within ${meters} m of ${lat}, ${lng}`;
}

function show(value: Json): string {
  if (value === null) return 'missing';
  if (typeof value === 'object' && !Array.isArray(value) && typeof value.ref === 'string') {
    return `\`${value.ref}\``;
  }
  return JSON.stringify(value);
}
