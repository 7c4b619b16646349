import type { CompiledTrigger } from './compile-trigger.ts';
import { compileTrigger } from './compile-trigger.ts';
import { compileCondition } from './conditions/compile-condition.ts';
import type { CompiledLookup, Config, LiveDocuments } from './config.ts';
import type { Lookup } from './documents.ts';
import { DEFAULT_POLICIES } from './documents.ts';
import { triggerMark } from './message-id.ts';
import { normalizedText } from './normalized-text.ts';
import { CHANNELS } from './trigger.ts';

/** Documents in force → the index that decides. `pinned` is filled by whoever loads older versions. */
export function compileConfig(live: LiveDocuments): Config {
  const triggers = live.triggers.map(compileTrigger).sort(winsBefore);
  const running = triggers.filter(({ state }) => state === 'live');
  return {
    head: live.head,
    stopped: live.stopped,
    policies: { ...DEFAULT_POLICIES, ...live.policies },
    byEvent: groupBy(running, ({ on }) => on.map(({ event }) => event)),
    triggers: new Map(triggers.map((trigger) => [trigger.id, trigger])),
    pinned: new Map(),
    triggersByTag: idsByTag(triggers),
    liveMarks: new Set(running.map(({ id }) => triggerMark(id))),
    segments: new Map(
      live.segments.map(({ document }) => [document.id, compileCondition(document.if, 'if')]),
    ),
    lookups: new Map(live.lookups.map(({ document }) => [document.id, compileLookup(document)])),
    templates: new Map(live.templates.map((template) => [template.document.id, template])),
    channels: new Map(live.channels.map((channel) => [channel.id, channel])),
    sendable: new Set(live.logsByDefault ? CHANNELS : live.channels.map(({ id }) => id)),
  };
}

/** Arbitration's order: higher priority, then earlier activation, then id. */
export function winsBefore(a: CompiledTrigger, b: CompiledTrigger): number {
  return b.priority - a.priority || a.activatedAt - b.activatedAt || (a.id < b.id ? -1 : 1);
}

function groupBy(triggers: CompiledTrigger[], namesOf: (trigger: CompiledTrigger) => string[]) {
  const groups = new Map<string, CompiledTrigger[]>();
  for (const trigger of triggers) {
    for (const name of new Set(namesOf(trigger))) {
      groups.set(name, [...(groups.get(name) ?? []), trigger]);
    }
  }
  return groups;
}

function idsByTag(triggers: CompiledTrigger[]): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const { id, document } of triggers) {
    for (const tag of document.tags ?? []) tags.set(tag, [...(tags.get(tag) ?? []), id]);
  }
  return tags;
}

/** Where two rows share a key, the first one stands. */
function compileLookup(lookup: Lookup): CompiledLookup {
  const compiled: CompiledLookup = { exact: new Map(), normalized: new Map() };
  for (const row of lookup.rows) {
    const key = normalizedText(row.key);
    if (!compiled.exact.has(row.key)) compiled.exact.set(row.key, row);
    if (!compiled.normalized.has(key)) compiled.normalized.set(key, row);
  }
  return compiled;
}
