/** A profile's state and events as the lines of its export; their form is `protocol/export-schema.ts`. */
import { splitRelationKey } from '../engine/fold/relations.ts';
import { topicTypeOf } from '../engine/items/topics.ts';
import type { Section, SectionValues } from '../engine/state.ts';
import type { Meta } from '../engine/state-meta.ts';
import type { InboxMessage, JsonObject, MessageEntry } from '../engine/vocabulary.ts';
import type { ExportLine } from '../protocol/export-schema.ts';
import type { LoggedEvent } from './log-entry.ts';

type Lines = { [S in Section]: (key: string, value: SectionValues[S]) => ExportLine[] };

/** Every section has its lines: one that is added without them doesn't compile. */
const LINES: Lines = {
  traits: (name, { value, at }) => [{ type: 'trait', name, value, at: iso(at) }],
  counts: (event, { n, firstAt, lastAt }) => [
    { type: 'event_count', event, count: n, firstAt: iso(firstAt), lastAt: iso(lastAt) },
  ],
  counters: bookkept('counters'),
  built: bookkept('built'),
  relations: (key, { on, at, since, price, quantity }) => [
    {
      type: 'relation',
      ...splitRelationKey(key),
      active: on,
      since: iso(since),
      at: iso(at),
      price,
      ...(quantity !== undefined && { quantity }),
    },
  ],
  watches: bookkept('watches'),
  topics: (key, { on, at, since, value }) => [
    { type: 'topic', topic: topicTypeOf(key), value, active: on, since: iso(since), at: iso(at) },
  ],
  runs: (id, { trigger, version, key, startedAt, variant, step, dueAt, sends, ...more }) => [
    {
      type: 'run',
      id,
      trigger,
      version,
      key,
      startedAt: iso(startedAt),
      variant,
      step,
      dueAt: isoOrNull(dueAt),
      sends,
      more: json(more),
    },
  ],
  inbox: (_, message) => [inboxLine(message)],
  outbox: (id, entry) => [entry.kind === 'message' ? leavingLine(entry) : bookkeeping('outbox', id, entry)],
  log: bookkept('log'),
  capped: bookkept('capped'),
  consents: (key, ledger) =>
    ledger.map(({ granted, at, source, textVersion, evidence = null, confirmedUntil }) => {
      const [channel = '', purpose = ''] = key.split('|');
      const origin = { source: source ?? null, textVersion: textVersion ?? null, evidence };
      const confirmed = { confirmedUntil: confirmedUntil === undefined ? null : iso(confirmedUntil) };
      return { type: 'consent' as const, channel, purpose, granted, at: iso(at), ...origin, ...confirmed };
    }),
  devices: (id, { type, address, platform, locale, timezone, at, refused }) => [
    {
      type: 'device',
      id,
      kind: type,
      address,
      platform,
      locale,
      timezone,
      at: iso(at),
      ...(refused && { refused: { code: refused.code, at: iso(refused.at) } }),
    },
  ],
  links: (_, { id, outcome }) => [{ type: 'identity', anonymousId: id, outcome }],
  segments: (id, { member, since }) => [{ type: 'segment', id, member, since: iso(since) }],
  timers: bookkept('timers'),
  goals: bookkept('goals'),
  spending: bookkept('spending'),
  settled: (id, { trigger, version, variant, channel, createdAt, at, key, noted }) => [
    {
      type: 'message',
      id,
      state: 'settled',
      trigger,
      version,
      variant,
      channel,
      createdAt: iso(createdAt),
      more: { key, at: iso(at), noted },
    },
  ],
  undelivered: (_, { entry }) => [leavingLine(entry, 'undelivered')],
  suppressions: (channel, { code, at }) => [{ type: 'suppression', channel, code, at: iso(at) }],
  shadows: bookkept('shadows'),
};

export function stateLines<S extends Section>(section: S, key: string, value: unknown): JsonObject[] {
  return LINES[section](key, value as SectionValues[S]) as JsonObject[];
}

export function profileLine({
  kind,
  id,
  firstId,
  createdAt,
  firstSeenAt,
  lastSeenAt,
  ...more
}: Meta): JsonObject {
  // Names of objects, not of the person.
  const { key: _, movedTo: __, ...known } = more;
  return {
    type: 'profile',
    userId: kind === 'user' ? id : null,
    anonymousId: kind === 'anonymous' ? id : null,
    firstId,
    createdAt: iso(createdAt),
    firstSeenAt: isoOrNull(firstSeenAt || null),
    lastSeenAt: isoOrNull(lastSeenAt || null),
    more: json(known),
  } satisfies ExportLine as JsonObject;
}

export function eventLine({ messageId, name, timestamp, properties, context, system, trace }: LoggedEvent) {
  return {
    type: 'event',
    messageId,
    name,
    timestamp: iso(timestamp),
    properties,
    context: json(context),
    bySystem: system === true,
    decisions: json(trace ?? []) as never,
  } satisfies ExportLine as JsonObject;
}

function inboxLine(message: InboxMessage): ExportLine {
  const { id, trigger, version, variant, channel, createdAt, content, ...more } = message;
  const known = { id, trigger, version, variant, channel, createdAt: iso(createdAt), content };
  return { type: 'message', state: 'in_app', ...known, more: json(more) };
}

/** Not rendered yet: what it will be rendered from. */
function leavingLine(entry: MessageEntry, state: 'leaving' | 'undelivered' = 'leaving'): ExportLine {
  const { messageId: id, trigger, version, variant, channel, createdAt, values, ...input } = entry.input;
  const known = { id, trigger, version, variant, channel, createdAt: iso(createdAt), values };
  return { type: 'message', state, ...known, more: json({ ...input, attempts: entry.attempts }) };
}

/** What the engine notes for itself, as it stands. */
function bookkeeping(section: Section, key: string, value: unknown): ExportLine {
  return { type: 'bookkeeping', section, key, value: json(value) as never };
}

function bookkept(section: Section) {
  return (key: string, value: unknown) => [bookkeeping(section, key, value)];
}

function json(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
