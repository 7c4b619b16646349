/** A trigger as it is tried out, and the event that it is tried on: for previews and tests. */
import { checkTriggerReferences } from '../engine/checks/check-references.ts';
import type { Versioned } from '../engine/config.ts';
import { itemEvent } from '../engine/items/item-event.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { Event, JsonObject } from '../engine/vocabulary.ts';
import { invalidRequest } from '../http/api-error.ts';
import type { RequestContext } from '../http/route.ts';
import { withoutReadOnly } from '../protocol/document-checks.ts';
import type { CallBody, CallType } from '../protocol/events.ts';
import type { PreviewEvent } from '../protocol/preview-schema.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { readDocument } from '../store/read-documents.ts';
import { TRIGGERS } from './document-resources.ts';
import { notFound } from './document-response.ts';
import { knownDocuments } from './known-documents.ts';
import { unprocessable } from './request-document.ts';

export interface TriedDeps {
  /** A client's call as the canonical event that it would become. */
  canonicalEvent(type: CallType, body: CallBody, now: number): Event;
}

type Env = RequestContext['env'];

/** Its draft, else the version in force. Throws 404, or 422 with everything that would keep it from going live. */
export async function storedTrigger(env: Env, id: string): Promise<Versioned<Trigger>> {
  const stored = await readDocument(env, 'trigger', id);
  if (stored === null) throw notFound('trigger', id);
  return { document: await publishable(env, stored.document), version: stored.version };
}

/** A draft that is nowhere stored. Throws 422. */
export async function givenTrigger(env: Env, input: JsonObject): Promise<Versioned<Trigger>> {
  return { document: await publishable(env, input), version: 0 };
}

async function publishable(env: Env, input: JsonObject): Promise<Trigger> {
  const checked = TRIGGERS.check(withoutReadOnly(input), env);
  if (checked.kind === 'invalid') throw unprocessable('trigger', checked.issues);
  const document = checked.document as Trigger;
  const known = await knownDocuments(env, await loadLiveDocuments(env));
  // It may speak of itself, though nobody has stored it yet.
  const triggers = new Set([...known.triggers, document.id]);
  const { issues } = checkTriggerReferences(document, { ...known, triggers });
  if (issues.length > 0) throw unprocessable('trigger', issues);
  return document;
}

/** Throws 400 where it says of nothing that it happens. */
export function triedEvent(
  { item, type = 'track', name, ...call }: PreviewEvent,
  now: number,
  profileKey: string,
  { canonicalEvent }: TriedDeps,
): Event {
  if (item) {
    const { previous, ...snapshot } = item;
    const change = { item: snapshot, version: now, changedAt: now, ...(previous && { previous }) };
    return itemEvent(change, profileKey, now);
  }
  if (type !== 'track') return canonicalEvent(type, { ...call, name }, now);
  const event = call.event ?? name;
  if (event !== undefined) return canonicalEvent(type, { ...call, event }, now);
  throw invalidRequest('The event has no name.', [
    { path: 'event.event', message: 'expected the name of an event, or `item`' },
  ]);
}
