/** Which rule of a price-drop listener a change failed, in words; see `items/price-drop.ts` for the rules. */

import { ANY_RELATION } from '../items/price-drop.ts';
import type { ItemOn } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import type { Language } from './explain-condition.ts';

/** What the listener's field `rule` asks for; empty for fields that are no rule of their own. */
export function neededForDrop(on: ItemOn, rule: string, values: JsonObject, language: Language): string {
  const say = (en: string, ko: string) => (language === 'ko' ? ko : en);
  if (rule === 'item') return say('the price to fall', '가격이 내려감');
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
