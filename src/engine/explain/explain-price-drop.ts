/** Which rule of a listener for an item's news a change failed, in words; see `items/` for the rules. */

import { DEFAULT_LOW_STOCK } from '../items/item-news.ts';
import { ANY_RELATION } from '../items/related.ts';
import type { ItemOn } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import type { Language } from './explain-condition.ts';

/** What the listener's field `rule` asks for; empty for fields that are no rule of their own. */
export function neededForNews(on: ItemOn, rule: string, values: JsonObject, language: Language): string {
  const say = (en: string, ko: string) => (language === 'ko' ? ko : en);
  if (rule === 'item') return newsWords(on, language);
  if (rule === 'relation') return relationWords(on, language);
  if (rule === 'minDrop') return fallWords(on, language);
  if (rule !== 'versus') return '';
  if (Object.hasOwn(values, 'lowestNotified')) {
    return say(
      'a price below `lowestNotified`, the lowest that was told',
      '이미 알린 최저가 `lowestNotified`보다 낮은 가격',
    );
  }
  return say('an earlier price in the same currency to compare with', '비교할 같은 통화의 이전 가격');
}

function newsWords(on: ItemOn, language: Language): string {
  const say = (en: string, ko: string) => (language === 'ko' ? ko : en);
  const few = on.lowStock ?? DEFAULT_LOW_STOCK;
  switch (on.item) {
    case 'price_drop':
      return say('the price to fall', '가격이 내려감');
    case 'back_in_stock':
      return say('sold out before, in stock now', '품절이던 상품이 다시 입고됨');
    case 'low_stock':
      return say(
        `more than ${few} before, ${few} or fewer now`,
        `재고가 ${few}개 넘게 있다가 ${few}개 이하로 줄어듦`,
      );
    case 'changed':
      return on.path === undefined
        ? say('a change that was not told yet', '아직 알리지 않은 변경')
        : say(`\`${on.path}\` to change`, `\`${on.path}\`이(가) 바뀜`);
  }
}

function relationWords({ relation, relationWithin }: ItemOn, language: Language): string {
  const names = (relation ?? ANY_RELATION).map((name) => `\`${name}\``);
  if (language === 'ko') {
    const within = relationWithin ? ` (최근 ${relationWithin})` : '';
    return `상품과의 관계 ${names.join(' 또는 ')}${within}`;
  }
  const within = relationWithin ? ` since at most ${relationWithin}` : '';
  return `the item to be ${names.join(' or ')}${within}`;
}

function fallWords({ minDrop }: ItemOn, language: Language): string {
  const amounts = [
    ...(minDrop?.abs === undefined ? [] : [String(minDrop.abs)]),
    ...(minDrop?.pct === undefined ? [] : [`${minDrop.pct} %`]),
  ];
  if (amounts.length === 0)
    return language === 'ko' ? '`reference`보다 낮은 가격' : 'a price below `reference`';
  if (language === 'ko') return `\`reference\`보다 ${amounts.join(', ')} 이상 내려감`;
  return `a fall of at least ${amounts.join(' and ')} from \`reference\``;
}
