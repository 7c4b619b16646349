/** Which rule of a listener for a topic's news a change failed, in words; see `items/topic-news.ts` for the rules. */
import type { TopicOn, TopicType } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import type { Language } from './explain-condition.ts';

const NAMES: Record<TopicType, string> = { category: '카테고리', brand: '브랜드', keyword: '키워드' };

/** What the listener's field `rule` asks for. */
export function neededForTopic(on: TopicOn, rule: string, values: JsonObject, language: Language): string {
  const say = (en: string, ko: string) => (language === 'ko' ? ko : en);
  if (rule === 'topic') {
    return say(
      `the item to be of a ${on.topic} that the user followed before`,
      `사용자가 그전에 팔로우한 ${NAMES[on.topic]}의 상품`,
    );
  }
  if (rule !== 'change') return '';
  if (Object.hasOwn(values, 'told'))
    return say('an item that was not told as new yet', '새 상품으로 아직 알리지 않은 상품');
  if (Object.hasOwn(values, 'lowestNotified')) {
    return say(
      'a price below `lowestNotified`, the lowest that was told',
      '이미 알린 최저가 `lowestNotified`보다 낮은 가격',
    );
  }
  return on.change === 'new_item'
    ? say('an item that is new', '새로 들어온 상품')
    : say('the price to fall', '가격이 내려감');
}
