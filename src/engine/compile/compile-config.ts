import { type Config, type KeptSegment, type LiveDocuments, publicUrlOf } from '../config.ts';
import { DEFAULT_POLICIES } from '../documents.ts';
import { compileCondition } from '../language/conditions/compile-condition.ts';
import { compileCounter } from '../language/conditions/counted.ts';
import { countedFormsIn } from '../language/conditions/counted-form.ts';
import { compileLookup } from '../language/lookup-index.ts';
import { oncePer } from '../once-per.ts';
import { SAMPLING } from '../recommend/item-sample.ts';
import { compileNextChange } from '../segments/next-change.ts';
import { readsOf } from '../segments/reads.ts';
import { TEST_MARK, triggerMark } from '../send/message-id.ts';
import { compileShadow } from '../shadow/compile-shadow.ts';
import { CHANNELS } from '../trigger.ts';
import type { CompiledTrigger } from './compile-trigger.ts';
import { compileTrigger } from './compile-trigger.ts';
import { isTimed } from './equality-key.ts';
import { listenersOf } from './listeners.ts';
import { watchedAttributes, watchesViewed } from './watched.ts';

/**
 * Documents in force → the index that decides. `pinned` is filled by whoever loads older versions.
 *
 * Whatever follows from one document alone is kept with that document: where a configuration shares objects with the
 * one before, only what changed is compiled.
 */
export function compileConfig(live: LiveDocuments): Config {
  const triggers = live.triggers.map(compileTrigger).sort(winsBefore);
  const running = triggers.filter(({ state }) => state === 'live');
  const shadows = shadowsIn(live);
  const listening = [...running, ...shadows.map(compileTrigger)];
  const itemListeners = listening.flatMap(({ watched }) => watched.items);
  let counters: Config['counters'] | undefined;
  let liveMarks: Config['liveMarks'] | undefined;
  const config: Config = {
    head: live.head,
    stopped: live.stopped,
    policies: { ...DEFAULT_POLICIES, ...live.policies },
    publicUrl: publicUrlOf(live),
    byEvent: groupByName(triggers, live.triesAll ?? false),
    triggers: new Map(triggers.map((trigger) => [trigger.id, trigger])),
    pinned: new Map(),
    attributes: watchedAttributes(listening),
    keptSegments: new Map(keptSegments(live).map((one) => [one.id, one])),
    segmentChanges: new Map(
      live.segments.flatMap((one) => {
        const next = nextChangeOf(one);
        return next ? [[one.document.id, next] as const] : [];
      }),
    ),
    itemListeners,
    watchesViewed: watchesViewed(itemListeners),
    sampling: running.some(({ recommends }) => recommends) ? (live.sampling ?? SAMPLING) : null,
    topicListeners: running.flatMap(({ watched }) => watched.topics),
    timed: running.filter(({ document }) => isTimed(document)),
    triggersByTag: idsByTag(triggers),
    segments: new Map(live.segments.map((one) => [one.document.id, compileSegment(one)])),
    lookups: new Map(live.lookups.map((one) => [one.document.id, compileTable(one)])),
    get liveMarks() {
      liveMarks ??= new Set([TEST_MARK, ...running.map(({ id }) => id)].map(triggerMark));
      return liveMarks;
    },
    get counters() {
      counters ??= countersOf(live);
      return counters;
    },
    templates: new Map(live.templates.map((template) => [template.document.id, template])),
    channels: new Map(live.channels.map((channel) => [channel.id, channel])),
    sendable: new Set(live.logsByDefault ? CHANNELS : live.channels.map(({ id }) => id)),
    shadows: [],
  };
  config.shadows = shadows.map((shadow) => compileShadow(config, shadow));
  return config;
}

/** One that has gone live since, or was overtaken, is over. */
function shadowsIn({ triggers, shadows = [] }: LiveDocuments): LiveDocuments['triggers'] {
  const versions = new Map(triggers.map(({ document, version }) => [document.id, version]));
  return shadows.filter(({ document, version }) => version > (versions.get(document.id) ?? 0));
}

const compileSegment = oncePer(({ document }: LiveDocuments['segments'][number]) =>
  compileCondition(document.if, 'if'),
);
const changeOf = oncePer(({ document }: LiveDocuments['segments'][number]) => ({
  next: compileNextChange(document.if),
  reads: readsOf(document.if),
}));
const nextChangeOf = (one: LiveDocuments['segments'][number]) => changeOf(one).next;

function keptSegments(live: LiveDocuments): KeptSegment[] {
  const needed = neededSegments(live);
  return live.segments
    .filter(({ document }) => needed.has(document.id))
    .map((one) => ({
      id: one.document.id,
      version: one.version,
      check: compileSegment(one),
      next: nextChangeOf(one),
      reads: changeOf(one).reads,
      isListed: one.document.members !== false,
    }));
}

/** Those that a live trigger listens to, and those whose members are listed. */
export function neededSegments(live: LiveDocuments): Set<string> {
  const running = [...live.triggers.filter(({ state }) => state === 'live'), ...shadowsIn(live)];
  return new Set([
    ...running.map(compileTrigger).flatMap(({ watched }) => watched.segments),
    ...live.segments.flatMap(({ document }) => (document.members === false ? [] : [document.id])),
  ]);
}

const compileTable = oncePer(({ document }: LiveDocuments['lookups'][number]) => compileLookup(document));
const countersIn = oncePer((document: object) =>
  countedFormsIn(document).map((form) => compileCounter(form, compileCondition)),
);

function countersOf(live: LiveDocuments): Config['counters'] {
  const counters: Config['counters'] = new Map();
  for (const { document } of [...live.triggers, ...shadowsIn(live), ...live.segments]) {
    for (const counter of countersIn(document)) {
      if (!counters.has(counter.hash)) counters.set(counter.hash, counter);
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

function groupByName(triggers: CompiledTrigger[], triesAll: boolean): Config['byEvent'] {
  const groups = new Map<string, CompiledTrigger[]>();
  for (const trigger of triggers) {
    for (const { name } of trigger.listening) append(groups, name, trigger);
  }
  return new Map([...groups].map(([name, group]) => [name, listenersOf(name, group, triesAll)]));
}

function idsByTag(triggers: CompiledTrigger[]): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const { id, document } of triggers) {
    for (const tag of document.tags ?? []) append(tags, tag, id);
  }
  return tags;
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
