import type { Check } from '../language/conditions/check.ts';
import { compileCondition } from '../language/conditions/compile-condition.ts';
import { compileValue } from '../language/conditions/field.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import type { Scope } from '../scope.ts';
import { durationMs, parseOffsetMs } from '../time/duration.ts';
import { parseTimeOfDayMs, WEEKDAYS, type Weekday } from '../time/zone-time.ts';
import type { SendStep, Step, Wait } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import { type CompiledOn, compileOn } from './compile-on.ts';

export type ValueReader = (scope: Scope) => Json | undefined;

export type CompiledWait =
  | { kind: 'for'; delayMs: number }
  | { kind: 'until'; read: PathReader; path: string; offsetMs: number }
  | { kind: 'time'; timeMs: number; days: readonly Weekday[] };

export interface CompiledSend {
  kind: 'send';
  id: string;
  send: SendStep;
  surface: string;
  data: [string, ValueReader][];
}

/** Targets are step indexes; one past the end ends the run. */
export type CompiledStep =
  | CompiledSend
  | { kind: 'wait'; id: string; wait: CompiledWait }
  | {
      kind: 'waitFor';
      id: string;
      on: CompiledOn;
      timeoutMs: number;
      matchKey: boolean;
      onAnswer: number;
      onTimeout: number;
    }
  | { kind: 'branch'; id: string; branches: { check: Check | null; to: number }[] }
  | { kind: 'split'; id: string; arms: Map<string, number> }
  | { kind: 'set'; id: string; traits: [string, ValueReader][] }
  | { kind: 'end'; id: string };

export function compileSteps(steps: Step[]): CompiledStep[] {
  const indexOf = (id: string) => steps.findIndex((step) => step.id === id);
  return steps.map((step, i) => compileStep(step, i, indexOf));
}

function compileStep(step: Step, at: number, indexOf: (id: string) => number): CompiledStep {
  const { id } = step;
  const path = `steps.${at}`;
  if ('send' in step) return compileSend(id, step.send);
  if ('wait' in step) return { kind: 'wait', id, wait: compileWait(step.wait) };
  if ('waitFor' in step) {
    return {
      kind: 'waitFor',
      id,
      on: compileOn(step.waitFor, `${path}.waitFor`),
      timeoutMs: durationMs(step.timeout),
      matchKey: step.matchKey ?? false,
      onAnswer: step.then === undefined ? at + 1 : indexOf(step.then),
      onTimeout: step.onTimeout === undefined ? at + 1 : indexOf(step.onTimeout),
    };
  }
  if ('branch' in step) {
    const branches = step.branch.map((branch, i) => ({
      check: branch.if ? compileCondition(branch.if, `${path}.branch.${i}.if`) : null,
      to: indexOf(branch.goto),
    }));
    return { kind: 'branch', id, branches };
  }
  if ('split' in step) {
    const arms = Object.entries(step.split).map(
      ([variant, to]) => [variant, indexOf(to)] as [string, number],
    );
    return { kind: 'split', id, arms: new Map(arms) };
  }
  if ('set' in step) {
    const traits = Object.entries(step.set).map(
      ([name, value]) => [name.slice('user.traits.'.length), compileValue(value)] as [string, ValueReader],
    );
    return { kind: 'set', id, traits };
  }
  return { kind: 'end', id };
}

function compileSend(id: string, send: SendStep): CompiledSend {
  const data = Object.entries(send.data ?? {}).map(
    ([name, value]) => [name, compileValue(value)] as [string, ValueReader],
  );
  return { kind: 'send', id, send, surface: send.surface ?? 'default', data };
}

function compileWait(wait: Wait): CompiledWait {
  if (typeof wait === 'string') return { kind: 'for', delayMs: durationMs(wait) };
  if ('time' in wait)
    return { kind: 'time', timeMs: parseTimeOfDayMs(wait.time) ?? 0, days: wait.days ?? WEEKDAYS };
  const offsetMs = wait.offset === undefined ? 0 : parseOffsetMs(wait.offset);
  return { kind: 'until', read: compilePath(wait.until), path: wait.until, offsetMs: offsetMs ?? 0 };
}
