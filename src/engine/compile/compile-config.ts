import { triggerListeners } from '../checks/walk-listeners.ts';
import type { Config, LiveDocuments } from '../config.ts';
import { DEFAULT_POLICIES } from '../documents.ts';
import { compileCondition } from '../language/conditions/compile-condition.ts';
import { compileCounter } from '../language/conditions/counted.ts';
import { countedFormsIn } from '../language/conditions/counted-form.ts';
import { compileLookup } from '../language/lookup-index.ts';
import { TEST_MARK, triggerMark } from '../send/message-id.ts';
import { CHANNELS, type On } from '../trigger.ts';
import type { CompiledTrigger } from './compile-trigger.ts';
import { compileTrigger } from './compile-trigger.ts';

/** Documents in force → the index that decides. `pinned` is filled by whoever loads older versions. */
export function compileConfig(live: LiveDocuments): Config {
  const triggers = live.triggers.map(compileTrigger).sort(winsBefore);
  const running = triggers.filter(({ state }) => state === 'live');
  let counters: Config['counters'] | undefined;
  return {
    head: live.head,
    stopped: live.stopped,
    policies: { ...DEFAULT_POLICIES, ...live.policies },
    byEvent: groupBy(triggers, ({ on }) => on.map(({ event }) => event)),
    triggers: new Map(triggers.map((trigger) => [trigger.id, trigger])),
    pinned: new Map(),
    attributes: new Set(listened(running, (on) => ('attribute' in on ? on.attribute : null))),
    watchedSegments: new Set(listened(running, (on) => ('change' in on ? on.segment : null))),
    timed: running.filter(({ on }) =>
      on.some(({ document }) => 'inactive' in document || 'date' in document),
    ),
    triggersByTag: idsByTag(triggers),
    liveMarks: new Set([TEST_MARK, ...running.map(({ id }) => id)].map(triggerMark)),
    segments: new Map(
      live.segments.map(({ document }) => [document.id, compileCondition(document.if, 'if')]),
    ),
    lookups: new Map(live.lookups.map(({ document }) => [document.id, compileLookup(document)])),
    get counters() {
      counters ??= countersOf(live);
      return counters;
    },
    templates: new Map(live.templates.map((template) => [template.document.id, template])),
    channels: new Map(live.channels.map((channel) => [channel.id, channel])),
    sendable: new Set(live.logsByDefault ? CHANNELS : live.channels.map(({ id }) => id)),
  };
}

function countersOf(live: LiveDocuments): Config['counters'] {
  const counters: Config['counters'] = new Map();
  for (const { document } of [...live.triggers, ...live.segments]) {
    for (const form of countedFormsIn(document)) {
      if (!counters.has(form.hash)) counters.set(form.hash, compileCounter(form, compileCondition));
    }
  }
  return counters;
}

/** Arbitration's order: higher priority, then earlier activation, then id. */
export function winsBefore(a: CompiledTrigger, b: CompiledTrigger): number {
  return (
    b.priority - a.priority || a.activatedAt - b.activatedAt || Number(a.id > b.id) - Number(a.id < b.id)
  );
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

/** What `on`s anywhere in the triggers name: entries, exits, goals and steps that wait. */
function listened(triggers: CompiledTrigger[], nameIn: (on: On) => string | null): string[] {
  return triggers.flatMap(({ document }) =>
    triggerListeners(document).flatMap(({ on }) => {
      const name = nameIn(on);
      return name === null ? [] : [name];
    }),
  );
}

function idsByTag(triggers: CompiledTrigger[]): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const { id, document } of triggers) {
    for (const tag of document.tags ?? []) tags.set(tag, [...(tags.get(tag) ?? []), id]);
  }
  return tags;
}
