/** Documents that rest on others: what a change or a deletion would break. */
import type { Env } from '../bindings.ts';
import { checkTriggerReferences, type KnownDocuments } from '../engine/checks/check-references.ts';
import { checkSegment } from '../engine/checks/check-segment.ts';
import type { Issue } from '../engine/checks/issue.ts';
import { type Reference, segmentReferences, triggerReferences } from '../engine/checks/references.ts';
import { DEFAULT_POLICIES, type LawPolicy, type Segment, type Template } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { DocumentKind } from '../store/document-state.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { triggersInUse } from '../store/read-documents.ts';
import { knownDocuments, usableChannels } from './known-documents.ts';

/** What keeps a document from being deleted. */
export async function usersOf(env: Env, kind: DocumentKind, id: string): Promise<Issue[]> {
  if (kind === 'channel' || kind === 'policy') return brokenBy(env, kind, id, null);
  const live = await loadLiveDocuments(env);
  const named = (references: Reference[], owner: string): Issue[] =>
    references
      .filter((reference) => reference.kind === kind && reference.id === id)
      .map(({ at }) => ({ path: `${owner}.${at}`, message: `names the ${kind} \`${id}\`` }));
  return [
    ...(await triggersInUse(env))
      .filter(({ document }) => kind !== 'trigger' || document.id !== id)
      .flatMap(({ document }) => named(triggerReferences(document), `triggers.${document.id}`)),
    ...live.segments
      .filter(({ document }) => kind !== 'segment' || document.id !== id)
      .flatMap(({ document }) => named(segmentReferences(document), `segments.${document.id}`)),
  ];
}

/** Why a document can't be what it is to become, given all others: the faults of a segment, or of triggers in force. */
export async function faultsOfReplacing(
  env: Env,
  kind: DocumentKind,
  document: JsonObject & { id: string },
): Promise<Issue[]> {
  if (kind === 'segment') {
    const live = await loadLiveDocuments(env);
    const known = new Map(live.segments.map(({ document: segment }) => [segment.id, segment]));
    return checkSegment(document as unknown as Segment, known);
  }
  return brokenBy(env, kind, document.id, document);
}

/** The faults that live and paused triggers would have afterwards and don't have now. `document` null: it is deleted. */
async function brokenBy(
  env: Env,
  kind: DocumentKind,
  id: string,
  document: JsonObject | null,
): Promise<Issue[]> {
  const isAsked =
    kind === 'policy' ? id === 'law' || id === 'workspace' : kind === 'template' || kind === 'channel';
  if (!isAsked) return [];
  const live = await loadLiveDocuments(env);
  const before = await knownDocuments(env, live);
  const channels = live.channels.map((channel) => channel.id).filter((channel) => channel !== id);
  const after = changed(before, kind, document, {
    id,
    publicUrl: live.publicUrl ?? null,
    channels: usableChannels(env, document ? [...channels, id as Channel] : channels),
  });
  return live.triggers.flatMap(({ document: trigger }) => {
    const known = new Set(checkTriggerReferences(trigger, before).issues.map(key));
    return checkTriggerReferences(trigger, after)
      .issues.filter((issue) => !known.has(key(issue)))
      .map(({ path, ...said }) => ({ path: `triggers.${trigger.id}.${path}`, ...said }));
  });
}

function changed(
  before: KnownDocuments,
  kind: DocumentKind,
  document: JsonObject | null,
  change: { id: string; channels: Set<Channel>; publicUrl: string | null },
): KnownDocuments {
  if (kind === 'channel') return { ...before, channels: change.channels };
  if (kind === 'policy' && change.id === 'workspace') {
    const own = (document as { publicUrl?: string } | null)?.publicUrl;
    return { ...before, publicUrl: own ?? change.publicUrl };
  }
  if (kind === 'policy') {
    return { ...before, law: document ? (document as unknown as LawPolicy) : DEFAULT_POLICIES.law };
  }
  const templates = new Map(before.templates);
  if (document) templates.set(change.id, document as unknown as Template);
  else templates.delete(change.id);
  return { ...before, templates };
}

function key({ path, message }: Issue): string {
  return `${path}\n${message}`;
}
