import { describe, expect, it } from 'vitest';
import { serializeState } from '../state.ts';
import { aConfig, aTemplate, aTrigger, live, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { On, Trigger } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import { type PreviewInput, preview } from './preview.ts';
import { failedGate } from './preview-gates.ts';

type World = Partial<PreviewInput['live']>;

const liveWith = (world: World = {}): PreviewInput['live'] => ({
  head: 1,
  stopped: false,
  triggers: [],
  templates: [{ document: aTemplate(), version: 1 }],
  segments: [],
  lookups: [],
  channels: [],
  policies: {},
  logsByDefault: true,
  ...world,
});

/** What the trigger would answer this profile; without an event the least that it listens to. */
function tried(profile: VirtualProfile, document: Trigger, event: Event | null = null, world: World = {}) {
  const { state, now } = profile;
  const before = serializeState(state);
  const result = preview({
    state,
    now,
    history: profile,
    live: liveWith(world),
    pinned: new Map(),
    trigger: { document, version: 3 },
    event,
  });
  expect(serializeState(state)).toBe(before);
  return { ...result, gate: failedGate(result.trace) };
}

const someone = () => new VirtualProfile({ config: aConfig() });

describe('a preview', () => {
  it('says what live traffic would say, and shows the message', () => {
    const profile = someone();
    const { trace, message } = tried(profile, aTrigger(), profile.anEvent('Hello'));
    expect(trace).toMatchObject({ id: 'hello', version: 3, reason: 'sent' });
    expect(message).toMatchObject({
      id: trace.messageId,
      channel: 'in_app',
      surface: 'default',
      layout: 'modal',
      content: { locale: 'ko', title: 'Title', body: 'Hello' },
    });
  });

  it('shows a message that leaves as it leaves: with the mark of advertising', () => {
    const profile = someone();
    profile.consent('push');
    const { message } = tried(profile, aTrigger({ steps: [send({ channels: ['push'] })] }));
    expect(message).toMatchObject({ channel: 'push', surface: null, content: { title: '(광고) Title' } });
  });

  it('asks the gates of the profile as it stands: what it has done, what it got, what it allowed', () => {
    const profile = someone();
    const often = aTrigger({ entry: { if: { did: 'Hello', count: { gte: 2 } } } });
    expect(tried(profile, often, profile.anEvent('Hello'))).toMatchObject({
      gate: 'if',
      trace: { values: { count: 1 } },
      message: null,
    });
    profile.track('Hello');
    expect(tried(profile, often, profile.anEvent('Hello')).trace.reason).toBe('sent');
    expect(tried(profile, aTrigger({ steps: [send({ channels: ['push'] })] })).gate).toBe('consent');
    const once = aTrigger({ reeligibility: { mode: 'never' } });
    profile.config = aConfig({ triggers: [once] });
    profile.track('Hello');
    expect(tried(profile, once, profile.anEvent('Hello'), { triggers: [live(once)] }).gate).toBe(
      'reeligibility',
    );
  });

  it('competes with the triggers that are live, and takes the place of its own version in force', () => {
    const profile = someone();
    const rival = aTrigger({ id: 'rival', priority: 90 });
    const inForce = aTrigger({ steps: [send({ channels: ['push'] })] });
    const triggers = [live(rival), live(inForce)];
    const { trace, gate } = tried(profile, aTrigger(), profile.anEvent('Hello'), { triggers });
    expect([trace.reason, trace.values?.winner, gate]).toEqual(['outranked', 'rival', 'arbitration']);
  });

  it('goes on though the trigger is paused or all is stopped: it says what would be', () => {
    const profile = someone();
    const paused = live(aTrigger(), { state: 'paused' });
    const { trace } = tried(profile, aTrigger(), null, { triggers: [paused], stopped: true });
    expect(trace.reason).toBe('sent');
  });

  it('knows the run under way, whose exits and key stand', () => {
    const profile = someone();
    const waits = aTrigger({ steps: [{ id: 'w', wait: '1d' }, send()], exit: [{ on: { event: 'Bye' } }] });
    profile.config = aConfig({ triggers: [waits] });
    profile.track('Hello');
    const world = { triggers: [live(waits)] };
    expect(tried(profile, waits, profile.anEvent('Hello'), world).trace.reason).toBe('already_running');
    expect(tried(profile, waits, profile.anEvent('Bye'), world).gate).toBe('exits');
  });

  it('waits where the trigger waits', () => {
    const { trace, gate } = tried(someone(), aTrigger({ steps: [{ id: 'w', wait: '1d' }, send()] }));
    expect([trace.reason, gate]).toEqual(['waiting', 'steps']);
  });

  it('of somebody in the hold-out says so, and shows what they would have got', () => {
    const own = tried(someone(), aTrigger({ experiment: { holdout: 1 } }));
    const all = tried(someone(), aTrigger(), null, { policies: { holdout: { id: 'holdout', share: 1 } } });
    for (const { trace, gate, message } of [own, all]) {
      expect([trace.reason, gate]).toEqual(['held_out', 'holdout']);
      expect(message?.content.body).toBe('Hello');
    }
  });

  it('of an event that the trigger does not listen to, of a repeated one and of a late one says so', () => {
    const profile = someone();
    profile.config = aConfig();
    const event = profile.anEvent('Hello');
    profile.receive(event);
    expect(tried(profile, aTrigger(), event).gate).toBe('dedupe');
    expect(tried(profile, aTrigger(), profile.anEvent('Other'))).toMatchObject({
      gate: 'on',
      trace: { reason: 'not_matched', path: 'entry.on' },
    });
    const late = profile.anEvent('Hello', {}, { timestamp: profile.now - 3_600_001 });
    expect(tried(profile, aTrigger(), late).trace.reason).toBe('late_event');
  });
});

describe('without an event', () => {
  const on = (listener: On) => aTrigger({ entry: { on: [listener] } });

  it.each<[string, On]>([
    ['an event', { event: 'Hello' }],
    ['a silence', { inactive: '30d' }],
    ['a date', { date: 'user.traits.birthday', every: 'year' }],
    ['a broadcast', { at: '2030-01-01T00:00:00Z', every: '1w' }],
    ['a segment that is entered', { segment: 'vip', change: 'entered' }],
    ['a message of another trigger', { message: 'clicked', trigger: 'other' }],
    ['a message of its own', { message: 'shown' }],
    ['an attribute', { attribute: 'user.traits.tier', to: 'VIP' }],
    ['an attribute that came from nothing', { attribute: 'user.traits.tier', from: 'missing' }],
    ['an attribute that came from a value', { attribute: 'user.traits.tier', from: ['A', 'B'], to: ['C'] }],
    ['an attribute that falls', { attribute: 'user.cart.value', by: 'decrease' }],
    ['an attribute that rises', { attribute: 'user.cart.value', by: 'increase' }],
  ])('%s is imagined', (_, listener) => {
    expect(tried(someone(), on(listener)).trace.reason).toBe('sent');
  });

  it('an item that the user liked last drops by a tenth', () => {
    const profile = someone();
    const listener: On = { item: 'price_drop', relation: ['liked'], minDrop: { pct: 10 } };
    const like = (id: string, price: number) =>
      profile.track('Product Added to Wishlist', products({ product_id: id, price, currency: 'KRW' }));
    expect(tried(profile, on(listener)).trace).toMatchObject({ path: 'entry.on.0.relation' });
    like('old', 5_000);
    profile.advance('1m');
    like('ring', 30_000);
    const template = aTemplate({}, '{{item.id}} {{item.price}}');
    const drop = tried(profile, on(listener), null, { templates: [{ document: template, version: 1 }] });
    expect(drop.message?.content.body).toBe('ring 27000');
    const more: On = { ...listener, minDrop: { pct: 11 } };
    expect(tried(profile, on(more)).trace).toMatchObject({ path: 'entry.on.0.minDrop' });
  });

  it.each<[string, On & { topic: string }]>([
    ['a new item', { topic: 'keyword', change: 'new_item' }],
    ['a cheaper item', { topic: 'brand', change: 'price_drop' }],
  ])('%s of the topic that the user follows', (_, listener) => {
    const profile = someone();
    expect(tried(profile, on(listener)).trace).toMatchObject({ path: 'entry.on.0.topic' });
    profile.track('Topic Followed', { type: listener.topic, value: 'Moon' });
    profile.advance('1m');
    expect(tried(profile, on(listener)).trace.reason).toBe('sent');
  });

  it('a broadcast asks its segment', () => {
    const vip = {
      document: { id: 'vip', if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } as const },
      version: 1,
    };
    const listener: On = { at: '2030-01-01T00:00:00Z', segment: 'vip' };
    const profile = someone();
    expect(tried(profile, on(listener), null, { segments: [vip] })).toMatchObject({
      gate: 'on',
      trace: { path: 'entry.on.0.segment' },
    });
    profile.identify({ tier: 'VIP' });
    expect(tried(profile, on(listener), null, { segments: [vip] }).trace.reason).toBe('sent');
  });
});
