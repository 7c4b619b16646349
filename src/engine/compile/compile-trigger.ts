/** A published trigger version as closures: made once per isolate and version, shared by every profile. */

import type { LiveTrigger } from '../config.ts';
import type { Check } from '../language/conditions/check.ts';
import { compileCondition } from '../language/conditions/compile-condition.ts';
import { compileValue } from '../language/conditions/field.ts';
import type { LookupMatch } from '../language/lookup-index.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import type { Scope } from '../scope.ts';
import { durationMs } from '../time/duration.ts';
import type { Trigger } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import { type CompiledOn, compileOn } from './compile-on.ts';
import { type CompiledStep, compileSteps } from './compile-steps.ts';

export interface CompiledExit {
  on: CompiledOn | null;
  check: Check | null;
  matchKey: boolean;
  reason: string;
}

export interface CompiledGoal {
  id: string;
  on: CompiledOn;
  matchKey: boolean;
  withinMs: number;
  value: PathReader | null;
  /** It compares with what started the run, so that has to be kept for it. */
  readsEntry: boolean;
}

export interface CompiledTrigger {
  id: string;
  version: number;
  state: LiveTrigger['state'];
  activatedAt: number;
  priority: number;
  document: Trigger;
  startsAt: number;
  endsAt: number;
  on: CompiledOn[];
  check: Check | null;
  key: PathReader[];
  lookup: { table: string; key: (scope: Scope) => Json | undefined; match: LookupMatch } | null;
  group: { withinMs: number; max: number } | null;
  exits: CompiledExit[];
  goals: CompiledGoal[];
  recheck: Check | null;
  steps: CompiledStep[];
}

export function compileTrigger(live: LiveTrigger): CompiledTrigger {
  const { document } = live;
  const { entry, delivery, schedule } = document;
  return {
    id: document.id,
    version: live.version,
    state: live.state,
    activatedAt: live.activatedAt,
    priority: document.priority ?? 50,
    document,
    startsAt: schedule?.start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(schedule.start),
    endsAt: schedule?.end === undefined ? Number.POSITIVE_INFINITY : Date.parse(schedule.end),
    on: entry.on.map((on, i) => compileOn(on, `entry.on.${i}`)),
    check: entry.if ? compileCondition(entry.if, 'entry.if') : null,
    key: (entry.key ?? []).map(compilePath),
    lookup: entry.lookup
      ? {
          table: entry.lookup.table,
          key: compileValue(entry.lookup.key),
          match: entry.lookup.match ?? 'exact',
        }
      : null,
    group: entry.group ? { withinMs: durationMs(entry.group.within), max: entry.group.max } : null,
    exits: (document.exit ?? []).map((exit, i) => ({
      on: exit.on ? compileOn(exit.on, `exit.${i}.on`) : null,
      check: exit.if ? compileCondition(exit.if, `exit.${i}.if`) : null,
      matchKey: exit.matchKey ?? false,
      reason: exit.reason ?? 'exit',
    })),
    goals: (document.goals ?? []).map((goal, i) => ({
      id: goal.id,
      on: compileOn(goal.on, `goals.${i}.on`),
      matchKey: goal.matchKey ?? false,
      withinMs: durationMs(goal.within),
      value: goal.value ? compilePath(goal.value) : null,
      readsEntry: JSON.stringify(goal).includes('"entry.'),
    })),
    recheck: delivery?.recheck ? compileCondition(delivery.recheck, 'delivery.recheck') : null,
    steps: compileSteps(document.steps),
  };
}
