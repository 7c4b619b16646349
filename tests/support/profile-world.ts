/** Real profile objects, as the Worker calls them, with whatever leaves them in the hands of the test. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import type { ProfileState } from '../../src/engine/state.ts';
import type { Event, JsonObject } from '../../src/engine/vocabulary.ts';
import type { ProfileObject } from '../../src/profiles/profile-object.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import { profileRef } from '../../src/protocol/profile-key.ts';
import type { IngestRequest, ProfileRef, ProfileRpc } from '../../src/protocol/rpc.ts';
import { profileStub } from '../../src/protocol/stubs.ts';
import { dropConfig, loadConfig } from '../../src/store/config-cache.ts';
import { admin } from './admin-client.ts';

/** In the future, for alarms run on the real clock: here none goes off unless a test runs it. */
export const START = Date.UTC(2030, 0, 8, 3);

/** Sets the clock so many seconds after `START`. */
export function at(seconds: number): number {
  const now = START + seconds * 1_000;
  vi.setSystemTime(now);
  return now;
}

/** The same, with the configuration read: whoever decides in the next five seconds finds it in memory. */
export async function readyAt(seconds: number): Promise<void> {
  at(seconds);
  await loadConfig(env);
}

export function startClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  dropConfig();
}

export const user = (id: string): Promise<ProfileRef> => profileRef(env, 'user', id);
export const visitor = (id: string): Promise<ProfileRef> => profileRef(env, 'anonymous', id);

type Named = Pick<ProfileRef, 'key'>;

/** As others call it. */
export function profileOf({ key }: Named): ProfileRpc {
  return profileStub(env, key);
}

function objectOf({ key }: Named) {
  return env.PROFILE.getByName(key) as unknown as DurableObjectStub<ProfileObject>;
}

/** From the inside: for what has no call, and for faults. */
export function inProfile<T>(
  ref: Named,
  work: (profile: ProfileObject, state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(objectOf(ref), async (profile, state) => work(profile, state));
}

/** The object leaves memory; the next call wakes it. */
export function sleep(ref: Named): Promise<void> {
  return evictDurableObject(objectOf(ref));
}

/** Runs the alarm that is set, whatever the time; false where none is. */
export function ring(ref: Named): Promise<boolean> {
  return runDurableObjectAlarm(objectOf(ref));
}

export function alarmAt(ref: Named): Promise<number | null> {
  return inProfile(ref, (_, { storage }) => storage.getAlarm());
}

/** What a wake would find, read beside the object's own memory. */
export function stateOnDisk(ref: Named): Promise<ProfileState | null> {
  return inProfile(ref, ({ sql }) => ProfileStore.load(sql, null, Date.now())?.state ?? null);
}

/** Ids of what waits in the outbox. */
export async function outboxOf(ref: Named): Promise<string[]> {
  return [...((await stateOnDisk(ref))?.outbox.keys() ?? [])];
}

export function tablesOf(ref: Named): Promise<string[]> {
  return inProfile(ref, ({ sql }) =>
    sql
      .all<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .map(({ name }) => name),
  );
}

let events = 0;

/** A client's event of this moment; its products in both forms, as the edge hands them on. */
export function anEvent(name: string, properties: JsonObject = {}, change: Partial<Event> = {}): Event {
  events += 1;
  const now = Date.now();
  const { product_id } = properties;
  return {
    messageId: `e${events}`,
    name,
    timestamp: now,
    receivedAt: now,
    originalAt: now,
    origin: 'client',
    properties: product_id === undefined ? properties : { ...properties, products: [{ ...properties }] },
    context: {},
    ...change,
  };
}

export function send(profile: ProfileRef, events: Event[], more: Partial<IngestRequest> = {}) {
  return profileOf(profile).ingest({ profile, events, ...more });
}

/** The in-app messages that are due. */
export async function due(ref: ProfileRef) {
  const result = await profileOf(ref).next({});
  return result.kind === 'done' ? result.due.messages : [];
}

/** What the newest events of this name were answered with: one line for each trigger. */
export async function reasons(ref: ProfileRef, name: string): Promise<string[]> {
  const decisions = await profileOf(ref).decisions(5_000);
  return decisions
    .filter(({ event }) => event.name === name)
    .flatMap(({ triggers }) => triggers.map(({ id, reason }) => `${id}: ${reason}`));
}

const texts = (title: string) => ({
  defaultLocale: 'ko',
  locales: {
    ko: {
      in_app: { layout: 'modal', title },
      push: { title, body: '{{user.id}}' },
      email: { subject: title, html: title, text: title },
      webhook: { data: { title } },
    },
  },
});

export interface TriggerParts extends JsonObject {
  id: string;
}

/** A transactional trigger, live; on whatever `channels` say. */
export async function publish(
  parts: TriggerParts,
  channels: string[] = ['in_app'],
  template: JsonObject = texts(`from ${parts.id}`),
): Promise<void> {
  const written = [
    await admin('PUT', `templates/${parts.id}`, template),
    await admin('POST', 'triggers', {
      category: 'transactional',
      transactionalReason: 'a test',
      reeligibility: { mode: 'always' },
      steps: [{ id: 'send', send: { channels, template: parts.id } }],
      ...parts,
    }),
    await admin('POST', `triggers/${parts.id}/activate`),
  ];
  for (const { status, body } of written) {
    if (status >= 300) throw new Error(`${parts.id}: ${JSON.stringify(body)}`);
  }
}

/** A queue that keeps what it is given and passes nothing on. */
export function keptQueue<T>() {
  const calls: T[][] = [];
  return {
    calls,
    sendBatch: async (messages: Iterable<{ body: T }>) => {
      calls.push([...messages].map(({ body }) => body));
    },
    send: async () => {
      throw new Error('one message at a time is never sent');
    },
  };
}

export function rebind(object: object, bindings: Partial<Record<keyof Env, unknown>>): void {
  Object.defineProperty(object, 'env', { value: { ...env, ...bindings }, configurable: true });
}
