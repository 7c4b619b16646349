/**
 * The trigger definition: one JSON document that says when a message is due, to whom, and how it is kept in bounds.
 * These types are the contract's; `src/protocol/trigger-schema.ts` checks a document against them.
 */

import type { Weekday } from './time/zone-time.ts';

/** Whole numbers with a unit; `d` is 24 h, whatever the calendar says. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd' | 'w'}`;

/**
 * Path into: the event under test (`event.`), the profile (`user.`), the item (`item.`), what started the run (`entry.`),
 * the session and the looked-up row. A path that crosses an array yields every element.
 */
export type Path = string;

export type Scalar = string | number | boolean;
export type Value = Scalar | Scalar[] | { ref: Path };
export type Count = { eq?: number; gt?: number; gte?: number; lt?: number; lte?: number };
export type Window =
  | { last: Duration }
  | { calendar: 'day' | 'week' | 'month'; count?: number; tz?: 'user' | 'workspace' }
  | { since: 'entry' | 'session' };

export const OPERATORS = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'in',
  'contains',
  'startsWith',
  'endsWith',
  'like',
  'exists',
  'missing',
  'before',
  'after',
  'olderThan',
  'withinLast',
  'withinNext',
  'hasAll',
  'hasAny',
] as const;
export type Operator = (typeof OPERATORS)[number];

export const RELATIONS = ['liked', 'in_cart', 'viewed', 'purchased', 'subscribed'] as const;
/** What a user is to an item. */
export type Relation = (typeof RELATIONS)[number];

export const CHANNELS = [
  'in_app',
  'card',
  'push',
  'web_push',
  'email',
  'sms',
  'lms',
  'kakao_info',
  'kakao_brand',
  'line',
  'whatsapp',
  'webhook',
] as const;
export type Channel = (typeof CHANNELS)[number];

export type FieldCondition = {
  field: Path;
  op: Operator;
  value?: Value;
  orMissing?: boolean;
  match?: 'exact' | 'normalized';
};
export type DidCondition = {
  did: string;
  where?: Condition;
  count?: Count;
  window?: Window;
  distinct?: Path;
  sum?: { of: Path; is: Count };
};
export type DidNotCondition = { didNot: string; where?: Condition; window?: Window };
export type ReceivedCondition = {
  received: 'sent' | 'shown' | 'clicked' | 'dismissed' | 'held_out';
  trigger?: string;
  tag?: string;
  channel?: Channel;
  sameKey?: true;
  count?: Count;
  window?: Window;
};

/** Every item that did happens after the one before it, and what stands between two of them didn't happen there. */
export type SequenceItem = { did: string; where?: Condition } | { didNot: string; where?: Condition };
export type SequenceCondition = { sequence: SequenceItem[]; within: Duration; same?: Path };
/** `[from, to)` on the user's clock. */
export type LocalTimeCondition = { localTime: [string, string]; days?: Weekday[] };
export type Place = { lat: number; lng: number; meters: number };
export type NearCondition = { near: Place; entered?: boolean };

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | FieldCondition
  | DidCondition
  | DidNotCondition
  | SequenceCondition
  | { occurrence: 'first_ever' | 'first_in_session' }
  | { segment: string }
  | { relation: Relation }
  | ReceivedCondition
  | LocalTimeCondition
  | NearCondition;

export type EventOn = { event: string; where?: Condition };
export type ItemOn = {
  item: 'price_drop' | 'back_in_stock' | 'low_stock' | 'changed';
  relation?: ItemRelation[];
  relationWithin?: Duration;
  minDrop?: { abs?: number; pct?: number };
  versus?: 'price_when_related' | 'lowest_notified';
  /** `low_stock`: how few are few; 5 unless given. */
  lowStock?: number;
  /** `changed`: only when this did. */
  path?: Path;
  where?: Condition;
};
/** The relations to an item that make its news a user's. */
export type ItemRelation = 'liked' | 'in_cart' | 'viewed' | 'subscribed';
export const TOPIC_TYPES = ['category', 'brand', 'keyword'] as const;
export type TopicType = (typeof TOPIC_TYPES)[number];
/** News of an item that belongs to a topic which the user follows. */
export type TopicOn = { topic: TopicType; change: 'new_item' | 'price_drop' };
/** What of an item may be told. */
export type ItemNews = ItemOn['item'] | TopicOn['change'];
/** The value under a path changed. Only if there was one before, unless `from: "missing"`. */
export type AttributeOn = {
  attribute: Path;
  from?: Value | 'missing';
  to?: Value;
  by?: 'any' | 'increase' | 'decrease';
};
/** The day that a trait names, each year or month, moved by `offset` (`-1d`), at a time of day in the user's zone. */
export type DateOn = { date: Path; every?: 'year' | 'month'; offset?: string; time?: string };
export type SegmentOn = { segment: string; change: 'entered' | 'left' };
/** Once per silence: the longer of the duration and `cycleFactor` times the user's own mean interval. */
export type InactiveOn = { inactive: Duration; event?: string; cycleFactor?: number };
/** A broadcast, once or recurring. */
export type AtOn = { at: string; every?: Duration; segment?: string };
export type MessageOn = { message: 'sent' | 'shown' | 'clicked' | 'dismissed' | 'failed'; trigger?: string };
export type On =
  | EventOn
  | ItemOn
  | TopicOn
  | AttributeOn
  | DateOn
  | SegmentOn
  | InactiveOn
  | AtOn
  | MessageOn;

export type SendStep = {
  channels: Channel[];
  mode?: 'first_reachable' | 'cheapest' | 'all';
  surface?: string;
  template: string;
  data?: Record<string, Value>;
  recommend?: Recommend;
};
/** Items for the template's `recommendations`: what goes with the user's own, filled up with what is popular. */
export type Recommend = { from: (typeof RECOMMEND_FROM)[number]; limit?: number };
export const RECOMMEND_FROM = ['last_viewed', 'liked', 'cart', 'bought', 'popular'] as const;
export type Wait = Duration | { until: Path; offset?: string } | { time: string; days?: Weekday[] };
export type WaitForStep = {
  waitFor: On;
  timeout: Duration;
  matchKey?: boolean;
  then?: string;
  onTimeout?: string;
};
/** The first branch whose `if` holds, or that has none, is taken; where none is, the run goes on with the next step. */
export type Branch = { if?: Condition; goto: string };
export type Step = { id: string } & (
  | { send: SendStep }
  | { wait: Wait }
  | WaitForStep
  | { branch: Branch[] }
  /** Variant id → step id. */
  | { split: Record<string, string> }
  | { set: Record<`user.traits.${string}`, Value> }
  | { end: true }
);

export type QuietHoursOverride = { action: 'hold' | 'drop' | 'next_channel'; maxHold?: Duration };
/** `usual`: the user's own most active hour. */
export type SendWindow = 'usual' | { from: string; to: string; days?: Weekday[]; outside?: 'hold' | 'drop' };

export type Reeligibility = {
  mode: 'never' | 'always' | 'cooldown';
  after?: Duration | 'session';
  counts?: 'entry' | 'sent' | 'shown';
  per?: 'user' | 'key';
  max?: number;
};

export type Exit = { on?: On; if?: Condition; matchKey?: boolean; reason?: string };

export type Goal = { id: string; on: On; matchKey?: boolean; within: Duration; value?: Path };

export interface Trigger {
  id: string;
  name?: string;
  tags?: string[];
  /** 0–100; 50 unless given. */
  priority?: number;
  category: 'marketing' | 'transactional';
  transactionalReason?: string;
  /** Instants (ISO 8601) between which it may be entered. */
  schedule?: { start?: string; end?: string };
  entry: {
    on: On[];
    if?: Condition;
    key?: Path[];
    concurrency?: 'ignore' | 'restart';
    lookup?: { table: string; key: Value; match?: 'exact' | 'normalized' | 'contains' };
    /** Collects several entries into one run. */
    group?: { within: Duration; max: number };
  };
  reeligibility: Reeligibility;
  exit?: Exit[];
  steps: Step[];
  delivery?: {
    quietHours?: QuietHoursOverride;
    sendWindow?: SendWindow;
    /** `exempt`: isn't capped, and uses no cap either. */
    caps?: 'apply' | 'exempt';
    ifCapped?: 'drop' | 'wait';
    ifBusy?: 'drop' | 'queue';
    expireAfter?: Duration | { until: Path; offset?: string };
    recheck?: Condition;
  };
  experiment?: { holdout?: number; salt?: string; variants?: { id: string; weight: number }[] };
  goals?: Goal[];
  budget?: { currency?: string; perUserPerDay?: number; perDay?: number; total?: number };
}
