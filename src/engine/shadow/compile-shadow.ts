import { type CompiledTrigger, compileTrigger } from '../compile/compile-trigger.ts';
import { isTimed } from '../compile/equality-key.ts';
import { listenersOf } from '../compile/listeners.ts';
import type { Config, LiveTrigger } from '../config.ts';

/** A version that decides beside the live one, and the configuration that it decides under: it alone listens there. */
export interface Shadow {
  trigger: CompiledTrigger;
  /** When it was set up. */
  since: number;
  config: Config;
}

/**
 * What is in force, with the shadow in its trigger's place. What a round derives (attributes, segments) the live
 * configuration has derived already, for the shadow as well.
 */
export function compileShadow(live: Config, shadow: LiveTrigger): Shadow {
  const since = shadow.activatedAt;
  // In arbitration a new version has the place of the one before it.
  const activatedAt = live.triggers.get(shadow.document.id)?.activatedAt ?? since;
  const trigger = compileTrigger({ ...shadow, activatedAt });
  const names = new Set(trigger.listening.map(({ name }) => name));
  const config: Config = {
    ...{ head: live.head, stopped: live.stopped, policies: live.policies, publicUrl: live.publicUrl },
    byEvent: new Map([...names].map((name) => [name, listenersOf(name, [trigger], true)])),
    triggers: new Map(live.triggers).set(trigger.id, trigger),
    pinned: new Map(),
    attributes: { traits: new Map(), others: [] },
    keptSegments: new Map(),
    segmentChanges: live.segmentChanges,
    ...{ itemListeners: live.itemListeners, watchesViewed: live.watchesViewed },
    ...{ topicListeners: live.topicListeners, sampling: null },
    timed: isTimed(trigger.document) ? [trigger] : [],
    ...{ triggersByTag: live.triggersByTag, segments: live.segments, lookups: live.lookups },
    get liveMarks() {
      return live.liveMarks;
    },
    get counters() {
      return live.counters;
    },
    ...{ templates: live.templates, channels: live.channels, sendable: live.sendable },
    shadows: [],
  };
  return { trigger, since, config };
}
