/**
 * The two configurations of a backtest: what is in force today, and the same with the trigger that is tried. Each trigger
 * speaks only from its activation on, and the one that is tried only within the span.
 */
import { compileConfig } from '../../engine/compile/compile-config.ts';
import type { Config, LiveDocuments, LiveTrigger, Versioned } from '../../engine/config.ts';
import type { Trigger } from '../../engine/trigger.ts';

export interface Span {
  fromAt: number;
  toAt: number;
}

export function backtestConfigs(
  live: LiveDocuments,
  tried: Versioned<Trigger>,
  span: Span,
): { without: Config; within: Config } {
  const known = live.triggers.map((one) => ({ ...one, document: from(one.document, one.activatedAt) }));
  const { id } = tried.document;
  // Activated for the first time, it would be the newest; a new version keeps its place.
  const activatedAt = live.triggers.find(({ document }) => document.id === id)?.activatedAt ?? span.fromAt;
  const document = until(from(tried.document, span.fromAt), span.toAt);
  const trial: LiveTrigger = { document, version: tried.version, state: 'live', activatedAt };
  const others = known.filter((one) => one.document.id !== id);
  // What stands in shadow sends nothing, and its answers would be counted as the tried trigger’s.
  // Stopped as a whole, nothing would be sent: what the trigger would do is still worth knowing.
  const base = { ...live, shadows: [], stopped: false };
  return {
    without: compileConfig({ ...base, triggers: known }),
    within: compileConfig({ ...base, triggers: [...others, trial] }),
  };
}

function from(document: Trigger, at: number): Trigger {
  const start = document.schedule?.start;
  const isLater = start !== undefined && Date.parse(start) >= at;
  return isLater ? document : scheduled(document, { start: new Date(at).toISOString() });
}

function until(document: Trigger, at: number): Trigger {
  const end = document.schedule?.end;
  const isSooner = end !== undefined && Date.parse(end) <= at;
  return isSooner ? document : scheduled(document, { end: new Date(at).toISOString() });
}

function scheduled(document: Trigger, bound: NonNullable<Trigger['schedule']>): Trigger {
  return { ...document, schedule: { ...document.schedule, ...bound } };
}
