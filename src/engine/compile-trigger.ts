/** A published trigger version as closures: made once per isolate and version, shared by every profile. */
import type { Check } from './conditions/check.ts';
import { compileCondition, compileWhere } from './conditions/compile-condition.ts';
import { compileValue } from './conditions/field.ts';
import type { LiveTrigger } from './config.ts';
import { durationMs } from './duration.ts';
import type { LookupMatch } from './lookup-index.ts';
import { compilePath, type PathReader } from './path.ts';
import type { Scope } from './scope.ts';
import type { ItemOn, On, SendStep, Step, Trigger } from './trigger.ts';
import type { Json } from './vocabulary.ts';

/** What item changes are named when they reach a profile. */
export const ITEM_EVENT = '$item';

export interface CompiledOn {
  /** Name of the event that it listens to. */
  event: string;
  item: ItemOn | null;
  where: Check | null;
  path: string;
}

export type CompiledStep =
  | { kind: 'wait'; id: string; delayMs: number }
  | { kind: 'branch'; id: string; branches: { check: Check | null; to: number }[] }
  | { kind: 'end'; id: string }
  | SendStepCompiled;

export interface SendStepCompiled {
  kind: 'send';
  id: string;
  send: SendStep;
  surface: string;
  data: [string, (scope: Scope) => Json | undefined][];
}

export interface CompiledExit {
  on: CompiledOn | null;
  check: Check | null;
  matchKey: boolean;
  reason: string;
}

export interface CompiledTrigger {
  id: string;
  version: number;
  state: LiveTrigger['state'];
  activatedAt: number;
  priority: number;
  document: Trigger;
  on: CompiledOn[];
  check: Check | null;
  key: PathReader[];
  lookup: { table: string; key: (scope: Scope) => Json | undefined; match: LookupMatch } | null;
  exits: CompiledExit[];
  recheck: Check | null;
  steps: CompiledStep[];
}

export function compileTrigger(live: LiveTrigger): CompiledTrigger {
  const { document } = live;
  const { entry, delivery } = document;
  return {
    id: document.id,
    version: live.version,
    state: live.state,
    activatedAt: live.activatedAt,
    priority: document.priority ?? 50,
    document,
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
    exits: (document.exit ?? []).map((exit, i) => ({
      on: exit.on ? compileOn(exit.on, `exit.${i}.on`) : null,
      check: exit.if ? compileCondition(exit.if, `exit.${i}.if`) : null,
      matchKey: exit.matchKey ?? false,
      reason: exit.reason ?? 'exit',
    })),
    recheck: delivery?.recheck ? compileCondition(delivery.recheck, 'delivery.recheck') : null,
    steps: document.steps.map((step, i) => compileStep(step, `steps.${i}`, document.steps)),
  };
}

function compileOn(on: On, path: string): CompiledOn {
  const where = compileWhere(on.where, path);
  return 'event' in on
    ? { event: on.event, item: null, where, path }
    : { event: ITEM_EVENT, item: on, where, path };
}

function compileStep(step: Step, path: string, steps: Step[]): CompiledStep {
  if ('branch' in step) {
    const branches = step.branch.map((branch, i) => ({
      check: branch.if ? compileCondition(branch.if, `${path}.branch.${i}.if`) : null,
      to: steps.findIndex(({ id }) => id === branch.goto),
    }));
    return { kind: 'branch', id: step.id, branches };
  }
  if ('end' in step) return { kind: 'end', id: step.id };
  if ('wait' in step) return { kind: 'wait', id: step.id, delayMs: durationMs(step.wait) };
  const data = Object.entries(step.send.data ?? {}).map(
    ([name, value]) => [name, compileValue(value)] as [string, (scope: Scope) => Json | undefined],
  );
  return { kind: 'send', id: step.id, send: step.send, surface: step.send.surface ?? 'default', data };
}
