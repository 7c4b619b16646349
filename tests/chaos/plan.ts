/**
 * Everything that will be sent, decided from the seed before anything is: the requests in their order, and what must have
 * come of them whatever happens on the way.
 */
import type { CountedEvent } from './campaign.ts';
import { type Random, randomOf } from './random.ts';

export interface PlannedEvent {
  messageId: string;
  event: string;
  userId?: string;
  anonymousId?: string;
  properties: Record<string, unknown>;
}

export interface PlannedRequest {
  method: 'POST' | 'PUT';
  path: string;
  body: unknown;
  events: PlannedEvent[];
  /** Sent again after it has been acknowledged, or by two connections at once. */
  repeated: 'no' | 'later' | 'at_once';
}

export interface Plan {
  users: string[];
  /** Item ids, each with a price that falls once. */
  items: string[];
  /** Sent and acknowledged before anything is killed: what the price drops rest on. */
  first: PlannedRequest[];
  requests: PlannedRequest[];
  /** User → anonymous id that was linked to it, where there is one. */
  anonymousIds: Map<string, string>;
  likes: Map<string, string[]>;
  /** Trial id → whether it is cancelled. */
  trials: Map<string, { userId: string; isCancelled: boolean }>;
}

const ITEMS = 40;
const PRICE = 10_000;
const LIKES_PER_USER = 2;
const LINKED_SHARE = 0.15;

/** `events` is how many; the last request may make it a few more. */
export function makePlan(seed: number, { events, users }: { events: number; users: number }): Plan {
  const random = randomOf(seed);
  const plan: Plan = {
    users: Array.from({ length: users }, (_, at) => `user-${at}`),
    items: Array.from({ length: ITEMS }, (_, at) => `item-${at}`),
    first: [],
    requests: [],
    anonymousIds: new Map(),
    likes: new Map(),
    trials: new Map(),
  };
  const make = eventMaker();
  plan.first.push(...plan.items.map((id) => itemWrite(id, PRICE)));
  for (const userId of plan.users) plan.first.push(likesOf(plan, random, make, userId));
  plan.first.push(...plan.users.map(numberOf));
  let count = 0;
  const add = (request: PlannedRequest) => {
    plan.requests.push(request);
    count += request.events.length;
  };
  for (const userId of plan.users) for (const request of lifeBegins(plan, random, make, userId)) add(request);
  while (count < events) add(anything(plan, random, make));
  plan.requests.push(...plan.items.map((id) => itemWrite(id, PRICE / 2)));
  shuffle(plan.requests, random);
  return plan;
}

type Make = (
  event: CountedEvent | 'Trial Cancelled' | 'Audit',
  who: { userId?: string; anonymousId?: string },
  properties?: Record<string, unknown>,
) => PlannedEvent;

function eventMaker(): Make {
  let serial = 0;
  return (event, who, properties = {}) => ({ messageId: `event-${++serial}`, event, ...who, properties });
}

function itemWrite(id: string, price: number): PlannedRequest {
  const body = { title: `Item ${id}`, url: `https://shop.example/${id}`, price, currency: 'KRW' };
  return { method: 'PUT', path: `/v1/items/${id}`, body, events: [], repeated: 'no' };
}

function numberOf(userId: string, at: number): PlannedRequest {
  const phone = `+8210${String(at).padStart(8, '0')}`;
  const body = { userId, messageId: `number-of-${userId}`, traits: { phone } };
  return { method: 'POST', path: '/v1/identify', body, events: [], repeated: 'no' };
}

function likesOf(plan: Plan, random: Random, make: Make, userId: string): PlannedRequest {
  const liked = new Set<string>();
  while (liked.size < LIKES_PER_USER) liked.add(random.pick(plan.items));
  plan.likes.set(userId, [...liked]);
  return batch(
    [...liked].map((id) =>
      make('Product Added to Wishlist', { userId }, { product_id: id, price: PRICE, currency: 'KRW' }),
    ),
  );
}

/** Signs up; some were here before without a name, and are known from then on, whichever arrives first. */
function lifeBegins(plan: Plan, random: Random, make: Make, userId: string): PlannedRequest[] {
  const signUp = (who: { userId: string; anonymousId?: string }): PlannedRequest => ({
    ...single(make('Signed Up', who), true),
    repeated: random.chance(0.2) ? 'later' : 'no',
  });
  if (!random.chance(LINKED_SHARE)) return [signUp({ userId })];
  const anonymousId = `visitor-of-${userId}`;
  plan.anonymousIds.set(userId, anonymousId);
  const view = () =>
    single(make('Product Viewed', { anonymousId }, { product_id: random.pick(plan.items) }), false);
  return [view(), view(), signUp({ userId, anonymousId }), view()];
}

function anything(plan: Plan, random: Random, make: Make): PlannedRequest {
  const repeated = random.chance(0.05) ? 'later' : random.chance(0.03) ? 'at_once' : 'no';
  const isSync = random.chance(0.3);
  if (random.chance(0.25)) {
    const many = Array.from({ length: random.between(2, 15) }, () => oneEvent(plan, random, make));
    return { ...batch(many), repeated };
  }
  return { ...single(oneEvent(plan, random, make), isSync), repeated };
}

function oneEvent(plan: Plan, random: Random, make: Make): PlannedEvent {
  const userId = random.pick(plan.users);
  const dice = random.next();
  if (dice < 0.12) {
    const made = make('Order Completed', { userId });
    return { ...made, properties: { order_id: `order-of-${made.messageId}`, revenue: 1, products: [] } };
  }
  if (dice < 0.18) {
    const made = make('Trial Started', { userId });
    const trialId = `trial-of-${made.messageId}`;
    plan.trials.set(trialId, { userId, isCancelled: random.chance(0.4) });
    return { ...made, properties: { trial_id: trialId } };
  }
  if (dice < 0.28) return make('Products Searched', { userId }, { query: 'a thin ring' });
  return make('Product Viewed', { userId }, { product_id: random.pick(plan.items), price: PRICE });
}

/** The cancellation of a trial, which is sent as soon as the trial has been acknowledged. */
export function cancellationOf(trial: PlannedEvent): PlannedRequest {
  const { userId, properties, messageId } = trial;
  const event: PlannedEvent = {
    messageId: `cancel-${messageId}`,
    event: 'Trial Cancelled',
    ...(userId !== undefined && { userId }),
    properties,
  };
  return single(event, false);
}

function single(event: PlannedEvent, isSync: boolean): PlannedRequest {
  const path = isSync ? '/v1/track?sync=1' : '/v1/track';
  return { method: 'POST', path, body: event, events: [event], repeated: 'no' };
}

function batch(events: PlannedEvent[]): PlannedRequest {
  const body = { batch: events.map((event) => ({ type: 'track', ...event })) };
  return { method: 'POST', path: '/v1/batch', body, events, repeated: 'no' };
}

function shuffle<T>(all: T[], random: Random): void {
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.between(0, at);
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
}
