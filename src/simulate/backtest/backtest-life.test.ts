import { describe, expect, it } from 'vitest';
import type { LiveDocuments } from '../../engine/config.ts';
import type { CapsPolicy } from '../../engine/documents.ts';
import { aConfig, aTemplate, aTrigger, live, products, send } from '../../engine/testing/builders.ts';
import type { Trigger } from '../../engine/trigger.ts';
import type { Event, JsonObject } from '../../engine/vocabulary.ts';
import { recordingPart } from '../../profiles/recording.ts';
import type { ItemStanding } from '../../protocol/catalog-rpc.ts';
import type { ProfileRef } from '../../protocol/rpc.ts';
import { World } from '../world.ts';
import { backtestConfigs } from './backtest-configs.ts';
import { backtestLife } from './backtest-life.ts';
import type { Recording } from './recorded-life.ts';

const START = Date.parse('2027-03-01T00:00:00+09:00');
const HOUR = 3_600_000;
const DAYS = 20;
const SPAN = { fromAt: START, toAt: START + (DAYS + 1) * 24 * HOUR };
const ITEMS = Array.from({ length: 40 }, (_, i) => `item-${i}`);

/** The same numbers every time. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const DROP: Trigger = aTrigger({
  id: 'price-drop',
  priority: 70,
  entry: {
    on: [{ item: 'price_drop', relation: ['liked', 'in_cart'], minDrop: { pct: 5 } }],
    if: { not: { segment: 'lost' } },
    key: ['item.id'],
  },
  reeligibility: { mode: 'cooldown', after: '3d', per: 'key' },
  exit: [{ on: { event: 'Order Completed' }, matchKey: true }],
  steps: [send({ channels: ['push'], template: 'drop' })],
  delivery: { quietHours: { action: 'hold' } },
  experiment: { holdout: 0.1 },
});

const VIEWED = aTrigger({
  id: 'viewed',
  entry: {
    on: [{ event: 'Product Viewed' }],
    if: { did: 'Product Viewed', count: { gte: 2 }, window: { last: '7d' } },
  },
  reeligibility: { mode: 'cooldown', after: '2d' },
  steps: [{ id: 'later', wait: '1h' }, send({ channels: ['push'] })],
  exit: [{ on: { event: 'Order Completed' } }],
});
const CART = aTrigger({
  id: 'cart',
  entry: { on: [{ event: 'Product Added' }] },
  steps: [{ id: 'later', wait: '6h' }, send({ channels: ['push', 'email'] })],
  exit: [{ on: { event: 'Order Completed' } }],
  delivery: { ifCapped: 'wait' },
});

const CAPS: CapsPolicy = { id: 'caps', rules: [{ count: 1, window: { last: '24h' }, channel: 'push' }] };

const documents = (triggers: Trigger[]): LiveDocuments => ({
  head: 1,
  stopped: false,
  triggers: triggers.map((trigger, i) => live(trigger, { activatedAt: i })),
  templates: [
    { document: aTemplate(), version: 1 },
    {
      document: aTemplate(
        { id: 'drop' },
        '{{item.id}} {{item.price}} {{entry.referencePrice}} {{user.traits.tier}}',
      ),
      version: 1,
    },
  ],
  segments: [
    { document: { id: 'lost', if: { field: 'user.traits.tier', op: 'eq', value: 'lost' } }, version: 1 },
  ],
  lookups: [],
  channels: [],
  policies: {
    caps: CAPS,
    quietHours: { id: 'quiet_hours', from: '21:00', to: '08:00', tz: 'user', action: 'hold' },
  },
  logsByDefault: true,
});
const configOf = (triggers: Trigger[]) => {
  const { triggers: all, templates, segments, lookups: _, ...rest } = documents(triggers);
  return aConfig({
    ...rest,
    triggers: all,
    templates: templates.map(({ document }) => document),
    segments: segments.map(({ document }) => document),
  });
};

type Doing = { at: number } & (
  | { user: number; name: string; properties: JsonObject; traits?: JsonObject }
  | { item: string; price: number }
);

/** What happens to a hundred people and the shop, in the order of time. */
function happenings(seed: number, people: number): Doing[] {
  const random = randomOf(seed);
  const all: Doing[] = ITEMS.map((item) => ({ at: START, item, price: 10_000 + random(90) * 1_000 }));
  const anInstant = () => START + HOUR + random(DAYS * 24 * 3_600) * 1_000;
  for (let i = 0; i < 8 * ITEMS.length; i++) {
    all.push({
      at: anInstant(),
      item: ITEMS[i % ITEMS.length] as string,
      price: 10_000 + random(90) * 1_000,
    });
  }
  const names = [
    'Product Added to Wishlist',
    'Product Viewed',
    'Product Added',
    'Product Removed from Wishlist',
    'Order Completed',
    '$page',
  ];
  for (let user = 0; user < people; user++) {
    const at = START + 1_000 + random(3_000) * 1_000;
    all.push({
      at,
      user,
      name: '$identify',
      properties: {},
      traits: { tier: ['gold', 'lost', 'new'][random(3)] as string },
    });
    if (random(10) > 0) {
      const given = { channel: 'push', purpose: 'marketing', granted: true };
      all.push({ at: at + 1_000, user, name: '$consent', properties: given });
    }
    for (let i = 0; i < 6 + random(10); i++) {
      const name = names[Math.min(random(4) + random(3), 5)] as string;
      const item = ITEMS[random(ITEMS.length)] as string;
      const product = { product_id: item, price: 10_000 + random(90) * 1_000, currency: 'KRW' };
      all.push({ at: anInstant(), user, name, properties: products(product) });
    }
  }
  return all.sort((a, b) => a.at - b.at);
}

const personOf = (user: number): ProfileRef => ({ kind: 'user', id: `u${user}`, key: `k${user}` });

/** The deployment lives it: what it sent, and what it keeps. */
async function livedBy(triggers: Trigger[], doings: Doing[]) {
  const world = new World(configOf(triggers), START);
  for (const [i, doing] of doings.entries()) {
    await world.advanceTo(doing.at);
    if ('item' in doing)
      await world.catalog.put(doing.item, { title: doing.item, price: doing.price, currency: 'KRW' }, null);
    else {
      const { at, user, name, properties, traits } = doing;
      const times = { timestamp: at, receivedAt: at, originalAt: at };
      const event: Event = {
        messageId: `e${i}`,
        name,
        ...times,
        origin: 'client',
        properties,
        context: {},
        ...(traits && { traits }),
      };
      const profile = personOf(user);
      await world.profile(profile.key).answers.ingest({ profile, events: [event] });
    }
    await world.runErrands();
  }
  await world.advanceTo(SPAN.toAt - 1);
  return world;
}

function recordingOf(world: World, key: string): Recording | null {
  const store = world.profile(key).store();
  if (!store) return null;
  const { state, history } = store;
  const part = recordingPart(
    { state, history: { eventsAfter: () => ({ events: history.all(), chunk: null }) } },
    null,
  );
  return part.kind === 'part' && part.who ? { who: part.who, events: part.events } : null;
}

/** As a person tells messages apart. */
const sentIn = (world: World, of: (trigger: string) => boolean) =>
  world.journal.decisions
    .filter(({ reason, trigger }) => reason === 'sent' && of(trigger))
    .map(({ userId, trigger, at, event, messageId }) => {
      const { channel, content } = world.journal.deliveries.get(messageId as string) as never;
      return JSON.stringify([userId, trigger, at, event, channel, content]);
    });

async function standingsOf(world: World): Promise<Map<string, ItemStanding>> {
  const standings = new Map<string, ItemStanding>();
  for (const item of ITEMS) standings.set(item, await world.catalog.standing(item));
  return standings;
}

/** Hundreds together, over and over: what a world holds at once stays small. */
async function compared(worlds: number, people: number, recordedWith: Trigger[]) {
  const told = {
    live: [] as string[],
    tried: [] as string[],
    displaced: [] as string[],
    lost: [] as string[],
    recorded: 0,
    reproduced: 0,
  };
  for (let seed = 1; seed <= worlds; seed++) {
    const doings = happenings(seed, people);
    const real = await livedBy(recordedWith, doings);
    const other = await livedBy([VIEWED, CART, DROP], doings);
    const setup = {
      trigger: DROP.id,
      ...backtestConfigs(documents(recordedWith), { document: DROP, version: 2 }, SPAN),
      span: SPAN,
    };
    const standings = await standingsOf(real);
    for (let user = 0; user < people; user++) {
      const recording = recordingOf(real, personOf(user).key);
      if (!recording) continue;
      const life = await backtestLife(recording, standings, setup);
      const named = (sent: (typeof life.sent)[number]) =>
        JSON.stringify([
          `u${user}`,
          sent.trigger,
          new Date(sent.at).toISOString(),
          sent.event,
          sent.channel,
          sent.content,
        ]);
      told.tried.push(...life.sent.map(named).map((one) => `${seed} ${one}`));
      told.displaced.push(...life.displaced.map((one) => `${seed} ${named(one)}`));
      told.recorded += life.recorded;
      told.reproduced += life.reproduced;
    }
    told.live.push(...sentIn(other, (trigger) => trigger === DROP.id).map((one) => `${seed} ${one}`));
    const still = new Set(sentIn(other, (trigger) => trigger !== DROP.id));
    told.lost.push(
      ...sentIn(real, (trigger) => trigger !== DROP.id)
        .filter((one) => !still.has(one))
        .map((one) => `${seed} ${one}`),
    );
  }
  return told;
}

describe('a backtest over recorded lives', () => {
  it('of a price drop, over a thousand people, is what the live trigger did to them, message for message', async () => {
    const told = await compared(20, 50, [VIEWED, CART]);
    expect(told.live.length).toBeGreaterThan(500);
    expect(told.tried.sort()).toEqual(told.live.sort());
    // And what it takes from the others is what they lose where it is live.
    expect(told.lost.length).toBeGreaterThan(50);
    expect(told.displaced.sort()).toEqual(told.lost.sort());
    // Nothing was sent that the replay doesn't send again.
    expect(told.recorded).toBeGreaterThan(500);
    expect(told.reproduced).toBe(told.recorded);
  }, 60_000);

  it('is the same while a draft stands in shadow: what that would answer is none of its answers', async () => {
    const [recordedWith, doings] = [[VIEWED], happenings(1, 20)];
    const real = await livedBy(recordedWith, doings);
    const standings = await standingsOf(real);
    const plain = documents(recordedWith);
    const shadowed = { ...plain, shadows: [live(CART, { version: 3 })] };
    const backtested = (among: LiveDocuments) => {
      const setup = {
        trigger: CART.id,
        ...backtestConfigs(among, { document: CART, version: 0 }, SPAN),
        span: SPAN,
      };
      const lives = doings
        .map((_, user) => recordingOf(real, personOf(user).key))
        .filter((one) => one !== null);
      return Promise.all(lives.map((recording) => backtestLife(recording, standings, setup)));
    };
    const without = await backtested(plain);
    expect(without.flatMap(({ sent }) => sent).length).toBeGreaterThan(5);
    expect(await backtested(shadowed)).toEqual(without);
  });
});
