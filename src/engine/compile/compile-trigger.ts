/**
 * A published trigger version as closures, shared by every profile of an isolate. Ten thousand triggers are in force and
 * few of them ever match: each part is compiled when it is first asked for, and kept as long as the version is.
 */

import type { LiveTrigger } from '../config.ts';
import type { Check } from '../language/conditions/check.ts';
import { compileCondition } from '../language/conditions/compile-condition.ts';
import { compileValue } from '../language/conditions/field.ts';
import type { LookupMatch } from '../language/lookup-index.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import { oncePer } from '../once-per.ts';
import type { Scope } from '../scope.ts';
import { durationMs } from '../time/duration.ts';
import type { Trigger } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import { type CompiledOn, compileOn } from './compile-on.ts';
import { type CompiledStep, compileSteps } from './compile-steps.ts';
import { type Listening, listeningOf } from './equality-key.ts';
import { type Watched, watchedBy } from './watched.ts';

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
  /** Of the value: a field beside it. */
  currency: PathReader | null;
  /** It compares with what started the run, so that has to be kept for it. */
  readsEntry: boolean;
}

interface Entry {
  on: CompiledOn[];
  check: Check | null;
  key: PathReader[];
  lookup: { table: string; key: (scope: Scope) => Json | undefined; match: LookupMatch } | null;
  group: { withinMs: number; max: number } | null;
  startsAt: number;
  endsAt: number;
}

interface Course {
  exits: CompiledExit[];
  goals: CompiledGoal[];
  recheck: Check | null;
  steps: CompiledStep[];
}

export class CompiledTrigger {
  readonly id: string;
  readonly version: number;
  readonly state: LiveTrigger['state'];
  readonly activatedAt: number;
  readonly priority: number;
  readonly document: Trigger;
  #listening: Listening[] | undefined;
  #watched: Watched | undefined;
  #entry: Entry | undefined;
  #course: Course | undefined;

  constructor({ document, version, state, activatedAt }: LiveTrigger) {
    this.id = document.id;
    this.version = version;
    this.state = state;
    this.activatedAt = activatedAt;
    this.priority = document.priority ?? 50;
    this.document = document;
  }

  /** What its entry listens to, for the index. */
  get listening(): Listening[] {
    this.#listening ??= listeningOf(this.document);
    return this.#listening;
  }

  get watched(): Watched {
    this.#watched ??= watchedBy(this.document);
    return this.#watched;
  }

  get recommends(): boolean {
    return this.document.steps.some((step) => 'send' in step && step.send.recommend !== undefined);
  }

  get on(): CompiledOn[] {
    return this.#entered.on;
  }

  get check(): Check | null {
    return this.#entered.check;
  }

  get key(): PathReader[] {
    return this.#entered.key;
  }

  get lookup(): Entry['lookup'] {
    return this.#entered.lookup;
  }

  get group(): Entry['group'] {
    return this.#entered.group;
  }

  get startsAt(): number {
    return this.#entered.startsAt;
  }

  get endsAt(): number {
    return this.#entered.endsAt;
  }

  get exits(): CompiledExit[] {
    return this.#coursed.exits;
  }

  get goals(): CompiledGoal[] {
    return this.#coursed.goals;
  }

  get recheck(): Check | null {
    return this.#coursed.recheck;
  }

  get steps(): CompiledStep[] {
    return this.#coursed.steps;
  }

  get #entered(): Entry {
    this.#entry ??= compileEntry(this.document);
    return this.#entry;
  }

  get #coursed(): Course {
    this.#course ??= compileCourse(this.document);
    return this.#course;
  }
}

/** A version in force doesn't change, and neither does what it compiles to: the next configuration has it too. */
export const compileTrigger = oncePer((live: LiveTrigger) => new CompiledTrigger(live));

function compileEntry({ entry, schedule }: Trigger): Entry {
  return {
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
    startsAt: schedule?.start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(schedule.start),
    endsAt: schedule?.end === undefined ? Number.POSITIVE_INFINITY : Date.parse(schedule.end),
  };
}

function compileCourse({ exit = [], goals = [], delivery, steps }: Trigger): Course {
  return {
    exits: exit.map((one, i) => ({
      on: one.on ? compileOn(one.on, `exit.${i}.on`) : null,
      check: one.if ? compileCondition(one.if, `exit.${i}.if`) : null,
      matchKey: one.matchKey ?? false,
      reason: one.reason ?? 'exit',
    })),
    goals: goals.map((goal, i) => ({
      id: goal.id,
      on: compileOn(goal.on, `goals.${i}.on`),
      matchKey: goal.matchKey ?? false,
      withinMs: durationMs(goal.within),
      value: goal.value ? compilePath(goal.value) : null,
      currency: goal.value ? compilePath(besideOf(goal.value)) : null,
      readsEntry: JSON.stringify(goal).includes('"entry.'),
    })),
    recheck: delivery?.recheck ? compileCondition(delivery.recheck, 'delivery.recheck') : null,
    steps: compileSteps(steps),
  };
}

/** Where the currency of a value stands: `event.properties.revenue` has it at `event.properties.currency`. */
function besideOf(path: string): string {
  return [...path.split('.').slice(0, -1), 'currency'].join('.');
}
