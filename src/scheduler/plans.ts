/** The broadcasts in force: when each comes next. Whether a trigger may send is asked again at every wake. */

import { triggerListeners } from '../engine/checks/walk-listeners.ts';
import type { LiveDocuments } from '../engine/config.ts';
import { instantFrom, isInstantOf, type Recurrence, recurrenceOf } from '../engine/runs/broadcast.ts';
import { HOUR_MS } from '../engine/time/duration.ts';
import type { AtOn, Trigger } from '../engine/trigger.ts';

export interface Plan extends Recurrence {
  trigger: string;
  /** No instant at or after it: the end of the trigger's schedule. */
  endsAt: number;
}

/** A plan as it is in force, from when on. */
export interface LivePlan extends Plan {
  /** Instants before the trigger was first activated are none of its. */
  activatedAt: number;
}

/** An instant that nobody was awake for is made up for within this time; later, it would start nothing. */
const MAKE_UP_MS = HOUR_MS;

/** Of every live trigger; an exit or a step that waits for an instant makes one as well. None while all is stopped. */
export function plansOf({ triggers, stopped }: LiveDocuments): LivePlan[] {
  if (stopped) return [];
  return triggers
    .filter(({ state }) => state === 'live')
    .flatMap(({ document, activatedAt }) =>
      triggerListeners(document).flatMap(({ on, at: path }) => {
        const schedule = path.startsWith('entry.') ? document.schedule : undefined;
        const times = 'at' in on ? timesOf(on, schedule) : null;
        return times === null ? [] : [{ trigger: document.id, ...times, activatedAt }];
      }),
    );
}

/** Within the schedule; null where no instant lies in it. */
function timesOf(on: AtOn, schedule: Trigger['schedule']): Omit<Plan, 'trigger'> | null {
  const { firstAt, everyMs } = recurrenceOf(on);
  const startsAt = schedule?.start === undefined ? firstAt : Date.parse(schedule.start);
  const endsAt = schedule?.end === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(schedule.end);
  const first = instantFrom({ firstAt, everyMs }, startsAt);
  return first === null ? null : { firstAt: first, everyMs, endsAt };
}

/** The plan's first instant at or after `fromAt`; null where it is over. */
export function nextInstant(plan: Plan, fromAt: number): number | null {
  const at = instantFrom(plan, fromAt);
  return at === null || at >= plan.endsAt ? null : at;
}

/**
 * What is to be told now of a plan whose instant `nextAt` has come. Several that have come meanwhile count as the newest
 * one; null where even that was missed by too much.
 */
export function instantToTell(plan: Plan, nextAt: number, now: number): number | null {
  if (nextAt > now) return null;
  const lastAt = Math.min(now, plan.endsAt - 1);
  const passed = plan.everyMs === 0 ? 0 : Math.floor((lastAt - nextAt) / plan.everyMs);
  const newest = nextAt + passed * plan.everyMs;
  return now - newest > MAKE_UP_MS ? null : newest;
}

export function hasInstant(plan: Plan, at: number): boolean {
  return at < plan.endsAt && isInstantOf(plan, at);
}

/** Tells plans apart. */
export function planKey({ trigger, firstAt, everyMs, endsAt }: Plan): string {
  return `${trigger}/${firstAt}/${everyMs}/${endsAt}`;
}
