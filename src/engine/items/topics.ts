/**
 * Topics: what a user may follow and an item belongs to. An item belongs to its category, its brand and each of its
 * `attributes.keywords[]`; values are compared normalized. A topic's key, `category:rings`, names it everywhere: in the
 * profile's state, in watcher shards, in the catalog's outbox.
 */
import { normalizedText } from '../language/normalized-text.ts';
import { TOPIC_TYPES, type TopicType } from '../trigger.ts';
import type { ItemSnapshot, Json } from '../vocabulary.ts';

/** Of a normalized value; a longer one is no topic. With three bytes a character, an object's name still holds it. */
const MAX_VALUE_CHARS = 200;
/** Of one item; those beyond are nobody's topic. Each is a call when the item is new. */
export const MAX_KEYWORDS = 50;

/** Null where it is no type of topic, no text, or nothing that is left of it can be compared. */
export function topicKey(type: Json | undefined, value: Json | undefined): string | null {
  if (!isTopicType(type) || typeof value !== 'string') return null;
  const normalized = normalizedText(value);
  return normalized === '' || normalized.length > MAX_VALUE_CHARS ? null : `${type}:${normalized}`;
}

export function topicTypeOf(key: string): TopicType {
  return key.slice(0, key.indexOf(':')) as TopicType;
}

/** The keys of all topics that an item belongs to, each once. */
export function topicsOf({ category, brand, attributes }: Omit<ItemSnapshot, 'id'>): string[] {
  const keywords = attributes?.keywords;
  const keys = [
    topicKey('category', category),
    topicKey('brand', brand),
    ...(Array.isArray(keywords) ? keywords.slice(0, MAX_KEYWORDS) : []).map((one) =>
      topicKey('keyword', one),
    ),
  ];
  return [...new Set(keys.filter((key) => key !== null))];
}

function isTopicType(type: Json | undefined): type is TopicType {
  return TOPIC_TYPES.some((one) => one === type);
}
