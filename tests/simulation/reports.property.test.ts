/**
 * Reports against a recount. Profiles live on the real engine; their facts go through the real consumer and the real SQL,
 * told twice and three times, in any order, by consumers that die before or after D1 has them. What the reports say then is
 * compared with a count of the lives' own facts that knows nothing of tables.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import { DEFAULT_POLICIES } from '../../src/engine/documents.ts';
import type { TriggerTrace } from '../../src/engine/reasons.ts';
import { JOURNEY_STAGES } from '../../src/engine/reporting/report-facts.ts';
import { experimentOf } from '../../src/engine/runs/experiment.ts';
import { aConfig, aTrigger, send } from '../../src/engine/testing/builders.ts';
import { VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import type { Fact, MessageInput } from '../../src/engine/vocabulary.ts';
import type { FactsMessage } from '../../src/protocol/queue-messages.ts';
import { readAudience } from '../../src/store/audience-report.ts';
import { readDecisionReport } from '../../src/store/decision-report.ts';
import { raiseDeliveries } from '../../src/store/deliveries.ts';
import { readExperiment, readHoldout } from '../../src/store/experiment-report.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { readTriggerReport } from '../../src/store/trigger-report.ts';
import { memoryD1 } from '../support/memory-d1.ts';

const RUNS = process.env.SIMULATION === 'long' ? 5_000 : 100;
const always = { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER };
const goals = [
  { id: 'order', on: { event: 'Order Completed' }, within: '2d', value: 'event.properties.revenue' },
] as const;
const SHARE = 0.25;
const TRIGGER = aTrigger({
  goals: [...goals],
  steps: [send({ channels: ['in_app', 'push'], mode: 'all' })],
  experiment: {
    holdout: 0.3,
    variants: [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 2 },
    ],
  },
});
const CONFIG = aConfig({
  triggers: [TRIGGER, aTrigger({ id: 'other', entry: { on: [{ event: 'Later' }] }, goals: [...goals] })],
  policies: {
    reports: { id: 'reports', journey: true, activity: true },
    holdout: { id: 'holdout', share: SHARE },
    workspace: { ...DEFAULT_POLICIES.workspace, exportDecisions: true },
  },
});
const EXPERIMENT = experimentOf(CONFIG.triggers.get('hello') as never, CONFIG) ?? '';

const step = fc.oneof(
  fc.constantFrom(
    'Hello',
    'Hello',
    'Later',
    'Product Viewed',
    'Signed Up',
    'Application Uninstalled',
    'Push Disabled',
  ),
  fc.constantFrom(
    '+1h',
    '+20h',
    '+3d',
    'view',
    'click',
    'dismiss',
    'order',
    'order USD',
    'opt out',
    'opt in',
  ),
);
const lives = fc.record({
  people: fc.array(
    fc.record({
      visitor: fc.array(step, { maxLength: 8 }),
      known: fc.array(step, { minLength: 1, maxLength: 14 }),
      consents: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  seed: fc.nat(),
});

interface Told {
  profile: string;
  fact: Fact;
}

/** What a provider took, as the dispatcher tells D1. */
interface Left {
  profile: string;
  message: MessageInput;
  at: number;
}

function take(profile: VirtualProfile, what: string, left: Left[]): void {
  const [message] = profile.inbox();
  const ack = (kind: 'Viewed' | 'Clicked' | 'Dismissed') => message && profile.ack(kind, message.id);
  const consent = (granted: boolean) =>
    profile.track('$consent', { channel: 'push', purpose: 'marketing', granted });
  profile.advanceTo(profile.now + 1_000);
  if (what.startsWith('+')) profile.advance(what.slice(1));
  else if (what === 'view') ack('Viewed');
  else if (what === 'click') ack('Clicked');
  else if (what === 'dismiss') ack('Dismissed');
  else if (what === 'dispatch') {
    const { now, state } = profile;
    left.push(...profile.dispatch().map((one) => ({ profile: state.meta.key, message: one, at: now })));
  } else if (what === 'order') profile.track('Order Completed', { revenue: 7 });
  else if (what === 'order USD') profile.track('Order Completed', { revenue: 3, currency: 'USD' });
  else if (what === 'opt in') consent(true);
  else if (what === 'opt out') consent(false);
  else profile.track(what);
}

/** Everything that D1 is to be told of these people, in the order in which it happened. */
function live(people: { visitor: string[]; known: string[]; consents: boolean }[]): {
  told: Told[];
  left: Left[];
  explained: TriggerTrace[][];
} {
  const left: Left[] = [];
  const explained: TriggerTrace[][] = [];
  const all = people.flatMap(({ visitor, known, consents }, i) => {
    const person = new VirtualProfile({ config: CONFIG, id: `u${i}` });
    const told: Told[] = [];
    const before = new VirtualProfile({ config: CONFIG, id: `a${i}`, kind: 'anonymous' });
    if (visitor.length > 0) {
      for (const what of visitor) take(before, what, left);
      told.push(...before.facts.map((fact) => ({ profile: before.state.meta.key, fact })));
      person.now = before.now;
      // What D1 hasn't heard of when they merge is told again, under the known one's number.
      const unheard = before.facts.at(-1);
      if (unheard) {
        const entry = { kind: 'fact' as const, id: `fact:${unheard.seq}`, fact: unheard, retryAt: 0 };
        before.state.outbox.set(entry.id, entry);
      }
      person.merge(before);
    }
    for (const what of [...(consents ? ['opt in'] : []), ...known, 'dispatch']) take(person, what, left);
    explained.push([...before.trace, ...person.trace]);
    return [...told, ...person.facts.map((fact) => ({ profile: person.state.meta.key, fact }))];
  });
  return { told: all, left, explained };
}

/** Through the consumer: some of it twice, in any order, with calls that fail before and after they took effect. */
async function deliver(told: Told[], random: () => number) {
  let failing = true;
  const { db, rows } = memoryD1(() => {
    const roll = failing ? random() : 1;
    return roll < 0.15 ? 'before' : roll < 0.3 ? 'after' : 'done';
  });
  let waiting: FactsMessage[] = told.flatMap(({ profile, fact }) =>
    Array.from({ length: 1 + Math.floor(random() * 2.5) }, () => message(profile, fact)),
  );
  for (let round = 0; waiting.length > 0; round++) {
    failing = round < 20;
    const batch = shuffled(waiting, random).slice(0, 12);
    const again: FactsMessage[] = waiting.filter((one) => !batch.includes(one));
    await consumeFacts(
      {
        messages: batch.map((body) => ({ body, ack: () => {}, retry: () => void again.push(body) })),
      } as unknown as MessageBatch<FactsMessage>,
      {} as Env,
      {
        apply: (profiles) => applyFacts(db, profiles),
        guard: async () => {},
        stream: async () => {},
        profile: () => ({ settleFacts: async () => {} }),
        registry: () => ({ add: async () => {} }),
      },
    );
    waiting = again;
  }
  failing = false;
  return { db, rows };
}

/** As the dispatcher writes it, which may try again after it was heard. */
async function dispatched(db: D1Database, left: Left[]): Promise<void> {
  const records = left.map(({ profile, message: { messageId: id, ...message }, at }) => ({
    ...{ id, profileKey: profile, trigger: message.trigger, version: message.version },
    ...{ variant: message.variant, channel: message.channel, createdAt: message.createdAt },
    ...{ status: 'sent' as const, reason: 'sent' as const, attempts: 1, sentAt: at, updatedAt: at },
  }));
  for (const _again of [1, 2]) await db.batch(raiseDeliveries(db, records));
}

const message = (profile: string, fact: Fact): FactsMessage => ({
  v: 1,
  kind: 'facts',
  profile,
  facts: [fact],
});

function shuffled<T>(all: T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function randomOf(seed: number): () => number {
  let state = (seed | 0) + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Each fact once, whoever told it: a merged one under its first name. */
function unique(told: Told[]): Told[] {
  const known = new Map<string, Told>();
  for (const { profile, fact } of told) {
    const first = fact.first ?? { profile, seq: fact.seq };
    const key = `${first.profile} ${first.seq}`;
    if (!known.has(key)) known.set(key, { profile: first.profile, fact });
  }
  return [...known.values()];
}

function recount(told: Told[], left: Left[]) {
  const facts = unique(told);
  const of = (kind: Fact['kind']) =>
    facts.filter(({ fact }) => fact.kind === kind && fact.message?.trigger === 'hello');
  const ids = (...kinds: Fact['kind'][]) =>
    new Set(kinds.flatMap(of).map(({ fact }) => fact.message?.id)).size;
  const conversions = facts.flatMap(({ profile, fact }) =>
    fact.conversion?.trigger === 'hello' ? [{ profile, ...fact.conversion }] : [],
  );
  const credited = conversions.filter((one) => one.credited);
  const sum = (all: typeof conversions) =>
    all.reduce((total, { value, currency }) => total + (currency === 'KRW' ? (value ?? 0) : 0), 0);
  const reactions = facts.flatMap(({ fact }) => (fact.reaction?.trigger === 'hello' ? [fact.reaction] : []));
  const inApp = new Set(of('message_queued').map(({ fact }) => fact.message?.id));
  const done = new Set(
    (['shown', 'clicked', 'dismissed', 'cancelled', 'expired', 'failed'] as const)
      .flatMap((end) => of(`message_${end}`))
      .map(({ fact }) => fact.message?.id),
  );
  return {
    sent: new Set(left.flatMap(({ message: one }) => (one.trigger === 'hello' ? [one.messageId] : []))).size,
    offered: inApp.size,
    waiting: [...inApp].filter((id) => !done.has(id)).length,
    shown: ids('message_shown', 'message_clicked', 'message_dismissed'),
    clicked: ids('message_clicked'),
    dismissed: ids('message_dismissed'),
    heldOut: ids('held_out'),
    converted: credited.filter((one) => !one.heldOut).length,
    value: sum(credited.filter((one) => !one.heldOut)),
    heldOutConverted: credited.filter((one) => one.heldOut).length,
    heldOutValue: sum(credited.filter((one) => one.heldOut)),
    uninstalled: reactions.filter((one) => one.kind === 'uninstalled' && !one.heldOut).length,
    opted_out: reactions.filter((one) => one.kind === 'opted_out' && !one.heldOut).length,
    exposed: new Set(
      facts.flatMap(({ profile, fact }) =>
        fact.exposure && fact.message?.trigger === 'hello' ? [profile] : [],
      ),
    ).size,
    conversions: conversions.length,
    active: new Set(conversions.map(({ profile, heldOut, variant }) => [profile, heldOut, variant].join()))
      .size,
  };
}

/** From what each profile explained, in the order in which it did: nothing here has been through a queue. */
function recountDecisions(explained: TriggerTrace[][]) {
  const fires = (reason: string) => ['sent', 'shown', 'queued'].includes(reason);
  const people = explained
    .map((trace) => trace.flatMap(({ id, reason }) => (id === 'hello' ? [reason] : [])))
    .filter((reasons) => reasons.length > 0);
  const ends = people.map((reasons) => reasons.findLast(fires) ?? reasons.at(-1) ?? '');
  const all = people.flat();
  const perReason = [...new Set(all)].map((reason) => ({
    reason,
    decisions: all.filter((one) => one === reason).length,
    people: ends.filter((one) => one === reason).length,
  }));
  return {
    decided: { decisions: all.length, people: people.length },
    fired: { decisions: all.filter(fires).length, people: ends.filter(fires).length },
    reasons: perReason.sort(
      (a, b) => b.decisions - a.decisions || b.people - a.people || (a.reason < b.reason ? -1 : 1),
    ),
  };
}

/** All triggers' credited conversions, by the person's side of the workspace's hold-out. */
function recountHoldout(told: Told[]) {
  const facts = unique(told);
  const people = new Set(facts.flatMap(({ profile, fact }) => (fact.workspaceExposure ? [profile] : [])))
    .size;
  const sides = [false, true].map((isOut) => {
    const own = facts.flatMap(({ profile, fact }) =>
      fact.conversion?.credited && fact.conversion.workspace?.heldOut === isOut
        ? [{ profile, ...fact.conversion }]
        : [],
    );
    const value = own.reduce((sum, one) => sum + (one.currency === 'KRW' ? (one.value ?? 0) : 0), 0);
    return [new Set(own.map(({ profile }) => profile)).size, value];
  });
  return { people, sides };
}

/** People, not profiles: who has merged is one. */
function recountPeople(told: Told[]) {
  const became = new Map(
    told.flatMap(({ profile, fact }) => (fact.merged ? [[fact.merged, profile] as const] : [])),
  );
  const person = (profile: string) => became.get(profile) ?? profile;
  const days = new Set<string>();
  const stages = new Map<string, Set<string>>();
  for (const { profile, fact } of told) {
    const who = person(fact.first?.profile ?? profile);
    if (fact.activity) days.add(`${fact.activity.day} ${who}`);
    if (fact.stage) stages.set(who, (stages.get(who) ?? new Set()).add(fact.stage));
  }
  const reached = JOURNEY_STAGES.map(
    (stage) => [...stages.values()].filter((own) => own.has('entered') && own.has(stage)).length,
  );
  return { active: days.size, reached, people: new Set([...days].map((one) => one.split(' ')[1])).size };
}

describe('reports', () => {
  test(
    'say what a recount of the facts says, whatever was told twice, late or by who died',
    async () => {
      const seen = { converted: 0, heldOut: 0, merged: 0, reacted: 0, uncredited: 0, without: 0 };
      const reasons = new Set<string>();
      const messages = { sent: 0, offered: 0, waiting: 0, gone: 0 };
      await fc.assert(
        fc.asyncProperty(lives, async ({ people, seed }) => {
          const { told, left, explained } = live(people);
          const { db } = await deliver(told, randomOf(seed));
          await dispatched(db, left);
          const wanted = recount(told, left);
          const report = await readTriggerReport(db, 'hello', always, { currency: 'KRW', now: 0 });
          const { reactions, perGoal } = report;
          expect({
            ...report,
            uninstalled: reactions.uninstalled,
            opted_out: reactions.opted_out,
            conversions: (perGoal.order?.converted ?? 0) + (perGoal.order?.heldOutConverted ?? 0),
            exposed: wanted.exposed,
            active: wanted.active,
          }).toMatchObject(wanted);
          const { converted, sent, offered, shown, waiting } = wanted;
          const went = sent + offered;
          expect(report.conversionRate).toBe(went > 0 ? converted / went : null);
          const { in_app: inApp, push } = report.perChannel;
          expect([inApp?.sent ?? 0, inApp?.offered ?? 0]).toEqual([0, offered]);
          expect([push?.sent ?? 0, push?.offered ?? 0]).toEqual([sent, 0]);
          const { arms, againstHoldout } = await readExperiment(db, TRIGGER, EXPERIMENT, {
            currency: 'KRW',
            workspaceShare: 0,
          });
          expect(arms.reduce((sum, arm) => sum + arm.people, 0)).toBe(wanted.exposed);
          const [order] = againstHoldout;
          expect((order?.one.converted ?? 0) + (order?.other.converted ?? 0)).toBe(wanted.active);
          const all = recountHoldout(told);
          const holdout = await readHoldout(db, SHARE, 'KRW');
          expect(holdout.arms.reduce((sum, arm) => sum + arm.people, 0)).toBe(all.people);
          expect([holdout.one, holdout.other].map(({ converted, value }) => [converted, value])).toEqual(
            all.sides,
          );
          const audience = recountPeople(told);
          const got = await readAudience(
            db,
            { from: 0, to: 99_999 },
            { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER },
          );
          expect(got.days.reduce((sum, { active }) => sum + active, 0)).toBe(audience.active);
          expect(got.cohorts.reduce((sum, { people: n }) => sum + n, 0)).toBe(audience.people);
          expect(got.journey.map(({ reached }) => reached)).toEqual(audience.reached);
          const decisions = recountDecisions(explained);
          expect(await readDecisionReport(db, 'hello', always, { now: 0 })).toMatchObject(decisions);
          for (const { reason } of decisions.reasons) reasons.add(reason);
          seen.without += decisions.decided.people - decisions.fired.people;
          messages.sent += sent;
          messages.offered += offered;
          messages.waiting += waiting;
          messages.gone += offered - shown - waiting;
          seen.converted += wanted.converted;
          seen.heldOut += wanted.heldOut;
          seen.reacted += wanted.uninstalled + wanted.opted_out;
          seen.uncredited += wanted.conversions - wanted.converted - wanted.heldOutConverted;
          seen.merged += told.filter(({ fact }) => fact.merged).length;
        }),
        { numRuns: RUNS, seed: 20_261_124 },
      );
      // The lives have met everything that is counted.
      expect([...reasons].sort()).toEqual(['held_out', 'no_consent', 'no_night_consent', 'sent']);
      for (const [what, n] of Object.entries({ ...seen, ...messages })) expect(n, what).toBeGreaterThan(10);
    },
    RUNS * 100,
  );
});
