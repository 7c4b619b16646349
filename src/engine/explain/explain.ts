/** Why a trigger did or didn't send, for whoever wrote it: the reason, what was found and what would have been needed. */

import type { TriggerTrace } from '../reasons.ts';
import type { Condition, ItemOn, TopicOn, Trigger } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { describeCondition, foundAndNeeded, type Language } from './explain-condition.ts';
import { neededForNews } from './explain-price-drop.ts';
import { neededForTopic } from './explain-topic.ts';
import { REASON_WORDS } from './reason-words.ts';

/** `trigger` is the version that decided; without it the values stand alone. */
export function explainTrace(trace: TriggerTrace, trigger: Trigger | undefined, language: Language): string {
  const sentence = REASON_WORDS[trace.reason][language];
  const detail = detailOf(trace, trigger, language);
  const place = trace.path ? ` (\`${trace.path}\`)` : '';
  return detail === '' ? `${sentence}${place}` : `${sentence} ${detail}${place}`;
}

function detailOf(
  { path, values = {} }: TriggerTrace,
  trigger: Trigger | undefined,
  language: Language,
): string {
  const { condition, listener, rule } = trigger && path ? placeAt(trigger, path) : NOWHERE;
  if (condition) return describeCondition(condition, values, language);
  const needed = listener ? neededBy(listener, rule, values, language) : '';
  return foundAndNeeded(values, needed, language);
}

function neededBy(listener: ItemOn | TopicOn, rule: string, values: JsonObject, language: Language): string {
  return 'topic' in listener
    ? neededForTopic(listener, rule, values, language)
    : neededForNews(listener, rule, values, language);
}

/** The innermost condition that a path of a trigger document leads through, else the listener for an item's news and its field. */
interface Place {
  condition?: Condition;
  listener?: ItemOn | TopicOn;
  rule: string;
}

const NOWHERE: Place = { rule: '' };

function placeAt(trigger: Trigger, path: string): Place {
  const place: Place = { rule: '' };
  let at: unknown = trigger;
  for (const step of path.split('.')) {
    if (place.listener && place.rule === '') place.rule = step;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) break;
    at = (at as Record<string, unknown>)[step];
    // A listener has a `relation` and conditions have one: what it is, is asked first.
    if (isItemListener(at) || isTopicListener(at)) place.listener = at;
    else if (isCondition(at)) place.condition = at;
  }
  return place;
}

const NEWS: readonly unknown[] = [
  'price_drop',
  'back_in_stock',
  'low_stock',
  'changed',
] satisfies ItemOn['item'][];

function isItemListener(value: unknown): value is ItemOn {
  return typeof value === 'object' && value !== null && NEWS.includes((value as Partial<ItemOn>).item);
}

function isTopicListener(value: unknown): value is TopicOn {
  return typeof value === 'object' && value !== null && 'topic' in value && 'change' in value;
}

const NAMES = [
  'all',
  'any',
  'not',
  'field',
  'did',
  'didNot',
  'occurrence',
  'received',
  'segment',
  'relation',
  'sequence',
  'localTime',
  'near',
];

function isCondition(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && NAMES.some((name) => Object.hasOwn(value, name));
}
