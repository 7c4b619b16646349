/**
 * Where the workspace exports decisions, what profiles explain, what is asked for, streamed and written is the same: every
 * answer once, whatever the client, the edge or a queue repeats, and in whichever order.
 */
import { env } from 'cloudflare:workers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import { eventKeyOf } from '../../src/engine/reporting/tell-decisions.ts';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import type { ExportMessage, FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { storedLineSchema } from '../../src/protocol/workspace-export-schema.ts';
import { emptyBucket, forgetPlace, turnAt, written } from '../support/daily-bucket.ts';
import { ENDPOINT, told } from '../support/export-endpoint.ts';
import { track } from '../support/profile-edge.ts';
import { meter } from '../support/profile-meter.ts';
import {
  keptQueue,
  outboxOf,
  profileOf,
  publish,
  readyAt,
  ring,
  startClock,
  user,
  visitor,
} from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000 });
const DAY = 86_400_000;

async function exporting(exportDecisions: boolean): Promise<void> {
  const { status, text } = await api.admin('PUT', 'policies/workspace', { identity: 'off', exportDecisions });
  expect(status, text).toBeLessThan(300);
}

beforeAll(async () => {
  const on = [{ event: 'Hello' }];
  await publish({ id: 'shows', entry: { on } });
  await publish({ id: 'once', entry: { on }, reeligibility: { mode: 'never' } }, ['webhook']);
  await publish({ id: 'buyers', entry: { on, if: { did: 'Order Completed', count: { gte: 1 } } } });
  await publish({
    ...{ id: 'waits', entry: { on } },
    steps: [
      { id: 'wait', wait: '10m' },
      { id: 'send', send: { channels: ['webhook'], template: 'shows' } },
    ],
  });
  await publish({ id: 'hears', entry: { on: [{ message: 'sent', trigger: 'once' }] } });
});
beforeEach(startClock);
afterEach(async () => {
  await forgetPlace();
  await emptyBucket();
  await env.DB.prepare('DELETE FROM decisions').run();
  vi.useRealTimers();
});
afterAll(() => api.admin('DELETE', 'policies/workspace'));

/** Somebody whose facts and messages stay in the hands of the test. */
async function somebody(ref: ProfileRef) {
  const { facts } = await meter(ref);
  return { ref, facts };
}
type Somebody = Awaited<ReturnType<typeof somebody>>;

/** Hellos that come twice, a message that leaves, a wait that ends, and a visitor who becomes somebody. */
async function lived(id: string): Promise<Somebody[]> {
  const refs = [await user(`${id} ann`), await user(`${id} bob`), await visitor(`${id} cho`)] as const;
  const [ann, bob, cho] = refs;
  const people = await Promise.all(refs.map(somebody));
  const says = async (who: JsonObject, event: string, messageId: string) => {
    for (let call = 0; call < 2; call++)
      expect((await track(who, event, {}, { messageId })).status).toBe(200);
  };
  await readyAt(1);
  await says({ userId: ann.id }, 'Hello', `${id} 1`);
  await says({ userId: bob.id }, 'Hello', `${id} 2`);
  await says({ anonymousId: cho.id }, 'Hello', `${id} 3`);
  await says({ userId: ann.id }, 'Nobody Listens', `${id} 4`);
  await readyAt(2);
  await says({ userId: ann.id }, 'Hello', `${id} 5`);
  // Half a character, in what is a client's to choose.
  await says({ userId: bob.id }, 'Hello', `${id} \ud83d`);
  // What the visitor has to tell is told by who the visitor has become, too.
  await says({ userId: bob.id, anonymousId: cho.id }, 'Hello', `${id} 6`);
  await settleMessages(ann);
  await readyAt(700);
  for (const { ref } of people) await ring(ref);
  return people;
}

/** Of a message that was sent, triggers may hear: what they answer is no event's. */
async function settleMessages(ref: ProfileRef): Promise<void> {
  const ids = (await outboxOf(ref)).filter((id) => id.startsWith('msg_'));
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) {
    expect(await profileOf(ref).claim(id)).toMatchObject({ kind: 'claimed' });
    await profileOf(ref).settle(id, { kind: 'sent', at: Date.now() });
  }
}

const factMessages = (people: Somebody[]) => people.flatMap(({ facts }) => facts.calls.flat());

/** The consumer gets the newest first, and everything twice; what it names to the stream. */
async function consumed(messages: FactsMessage[]): Promise<ExportMessage[]> {
  const queue = keptQueue<ExportMessage>();
  const bindings = { ...env, EXPORT_STREAM: queue, EXPORT_WEBHOOK_URL: ENDPOINT };
  for (const body of [...messages, ...messages].reverse()) {
    let fate = '';
    const message = { body, ack: () => (fate = 'ack'), retry: () => (fate = 'retry') };
    const batch = { queue: 'reflex-facts', messages: [message] } as unknown as MessageBatch<FactsMessage>;
    await consumeFacts(batch, bindings as never);
    expect(fate).toBe('ack');
  }
  return queue.calls.flat();
}

interface Told {
  eventKey: string;
  name: string;
  trigger: string;
  version: number;
  reason: string;
  messageId?: string;
}

const textOf = ({ eventKey, name, trigger, version, reason, messageId = '-' }: Told) =>
  [eventKey, name, `${trigger}@${version}`, reason, messageId].join(' ');

/** What each person's answers of a trigger were, oldest first. */
async function reasonsOf(refs: ProfileRef[], trigger: string): Promise<string[][]> {
  const people: string[][] = [];
  for (const { kind, id } of refs) {
    if (kind === 'anonymous') continue;
    const path = `profiles/${encodeURIComponent(id)}/decisions?limit=200`;
    const { body } = await api.admin('GET', path);
    const own = body.items.flatMap(({ triggers }: { triggers: { id: string; reason: string }[] }) =>
      triggers.filter((one) => one.id === trigger).map(({ reason }) => reason),
    );
    if (own.length > 0) people.push(own.reverse());
  }
  return people;
}

/** Every answer, and how many events or times had any. */
async function explained(refs: ProfileRef[]): Promise<{ all: string[]; events: number }> {
  const all: string[] = [];
  let events = 0;
  for (const { kind, id } of refs) {
    if (kind === 'anonymous') continue;
    const { body } = await api.admin('GET', `profiles/${encodeURIComponent(id)}/decisions?limit=200`);
    for (const { event, triggers } of body.items) {
      events += triggers.length > 0 ? 1 : 0;
      for (const { id: trigger, ...answer } of triggers) {
        all.push(textOf({ eventKey: eventKeyOf(event.messageId), name: event.name, trigger, ...answer }));
      }
    }
  }
  return { all: all.sort(), events };
}

async function pulled(): Promise<string[]> {
  const lines: Told[] = [];
  for (let query: string | null = ''; query !== null; ) {
    const { text } = await api.admin('GET', `export/decisions${query}`);
    const some = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { cursor } = some.pop();
    lines.push(...some);
    query = cursor === null ? null : `?cursor=${encodeURIComponent(cursor)}`;
  }
  return lines.map(textOf).sort();
}

/** Every line that was posted, without repetitions: those are the same to the letter. */
function streamed(calls: Awaited<ReturnType<typeof told>>['calls']): string[] {
  const byId = new Map<string, string>();
  for (const line of calls.flatMap(({ lines }) => lines)) {
    if (line.type !== 'decision') continue;
    expect(byId.get(line.id) ?? JSON.stringify(line)).toBe(JSON.stringify(line));
    byId.set(line.id, JSON.stringify(line));
  }
  return [...byId.values()].map((line) => textOf(JSON.parse(line))).sort();
}

/** Every line of the day. */
async function writtenOn(day: string): Promise<string[]> {
  const objects = Object.entries(await written()).filter(([name]) =>
    name.startsWith(`exports/decisions/${day}/0`),
  );
  const lines = objects.flatMap(([, text]) => text.trimEnd().split('\n'));
  return lines.map((line) => textOf(storedLineSchema.parse(JSON.parse(line)) as Told)).sort();
}

describe('decisions, those that sent nothing too', () => {
  it('are each told once wherever they are told', async () => {
    await exporting(true);
    const people = await lived('on');
    const { calls, fates } = await told(await consumed(factMessages(people)));
    expect(new Set(fates)).toEqual(new Set(['ack']));
    for (const { ref } of people)
      expect((await outboxOf(ref)).filter((id) => id.startsWith('fact:'))).toEqual([]);
    const { all, events } = await explained(people.map(({ ref }) => ref));
    const reasons = new Set(all.map((text) => text.split(' ').at(-2)));
    expect([...reasons].sort()).toEqual([
      'already_running',
      'not_eligible',
      'not_matched',
      'sent',
      'surface_busy',
      'waiting',
    ]);
    expect(all.filter((text) => text.includes('$timer')).length).toBeGreaterThanOrEqual(3);
    expect(await pulled()).toEqual(all);
    expect(streamed(calls)).toEqual(all);
    const midnight = Math.ceil(Date.now() / DAY) * DAY;
    for (let turn = 0; turn < 4; turn++) await turnAt(midnight + 3_600_000);
    expect(await writtenOn('2030-01-08')).toEqual(all);
    const { results } = await env.DB.prepare('SELECT * FROM decisions').all();
    expect(results).toHaveLength(events);
  });

  it('are counted in each trigger’s report as the people’s own explanations tell them', async () => {
    await exporting(true);
    // So that D1 hears of who has become whom.
    expect((await api.admin('PUT', 'policies/reports', { activity: true })).status).toBeLessThan(300);
    const people = await lived('counted');
    await consumed(factMessages(people));
    await api.admin('DELETE', 'policies/reports');
    const seen: string[] = [];
    for (const trigger of ['shows', 'once', 'buyers', 'waits', 'hears']) {
      const own = await reasonsOf(
        people.map(({ ref }) => ref),
        trigger,
      );
      const all = own.flat();
      const ends = own.map((reasons) => reasons.findLast((one) => one === 'sent') ?? reasons.at(-1) ?? '');
      const { decisions } = (await api.admin('GET', `triggers/${trigger}/report`)).body;
      expect(decisions.decided).toEqual({ decisions: all.length, people: own.length });
      for (const { reason, ...counts } of decisions.reasons) {
        const count = (some: string[]) => some.filter((one) => one === reason).length;
        expect([trigger, reason, counts]).toEqual([
          trigger,
          reason,
          { decisions: count(all), people: count(ends) },
        ]);
        seen.push(reason);
      }
      expect(decisions.fired.people).toBe(ends.filter((one) => one === 'sent').length);
    }
    expect(new Set(seen).size).toBeGreaterThan(4);
  });

  it('are told by key, and nobody who is named in them is', async () => {
    await exporting(true);
    const people = await lived('named');
    const texts = [
      JSON.stringify(factMessages(people).map(({ facts }) => facts.flatMap(({ decided }) => decided ?? []))),
    ];
    texts.push(...(await told(await consumed(factMessages(people)))).calls.map(({ body }) => body));
    expect(texts.join()).toContain('not_matched');
    expect(texts.join()).not.toMatch(/named (ann|bob|cho)/);
  });

  it('are nothing where the workspace does not export them: no fact, no row, no line', async () => {
    await exporting(false);
    const people = await lived('off');
    const messages = factMessages(people);
    expect(messages.flatMap(({ facts }) => facts).length).toBeGreaterThan(0);
    expect(messages.flatMap(({ facts }) => facts).filter(({ kind }) => kind === 'decided')).toEqual([]);
    const { calls } = await told(await consumed(messages));
    expect(streamed(calls)).toEqual([]);
    expect((await env.DB.prepare('SELECT * FROM decisions').all()).results).toEqual([]);
    expect((await explained(people.map(({ ref }) => ref))).all.length).toBeGreaterThan(10);
  });
});
