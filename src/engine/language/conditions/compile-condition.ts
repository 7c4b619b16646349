/** Condition documents → closures, once per published version. Each knows where it stands, to say so when it fails. */
import type { Scope } from '../../scope.ts';
import type { EventCount } from '../../state.ts';
import type { Condition } from '../../trigger.ts';
import type { Check, Failure } from './check.ts';
import { compileDid, compileDidNot } from './did.ts';
import { compileField } from './field.ts';
import { compileLocalTime } from './local-time.ts';
import { compileNear } from './near.ts';
import { compileReceived } from './received.ts';
import { compileSequence } from './sequence.ts';

/** `path` is where the condition stands in its document: `entry.if`. */
export function compileCondition(condition: Condition, path: string): Check {
  if ('all' in condition) return compileAll(condition.all, `${path}.all`);
  if ('any' in condition) return compileAny(condition.any, `${path}.any`);
  if ('not' in condition) return compileNot(condition.not, `${path}.not`);
  if ('field' in condition) return compileField(condition, path);
  if ('did' in condition) return compileDid(condition, path, compileWhere(condition.where, path));
  if ('didNot' in condition) return compileDidNot(condition, path, compileWhere(condition.where, path));
  if ('received' in condition) return compileReceived(condition, path);
  if ('occurrence' in condition) return compileOccurrence(condition.occurrence, path);
  if ('segment' in condition) return compileSegment(condition.segment, path);
  if ('sequence' in condition) return compileSequence(condition, path, compileWhere);
  if ('localTime' in condition) return compileLocalTime(condition, path);
  if ('near' in condition) return compileNear(condition, path);
  return compileRelation(condition.relation, path);
}

export function compileWhere(where: Condition | undefined, path: string): Check | null {
  return where ? compileCondition(where, `${path}.where`) : null;
}

function compileAll(conditions: Condition[], path: string): Check {
  const checks = conditions.map((condition, i) => compileCondition(condition, `${path}.${i}`));
  return (scope) => {
    for (const check of checks) {
      const failure = check(scope);
      if (failure) return failure;
    }
    return null;
  };
}

function compileAny(conditions: Condition[], path: string): Check {
  const checks = conditions.map((condition, i) => compileCondition(condition, `${path}.${i}`));
  return (scope) => {
    const values: Failure['values'] = {};
    for (const check of checks) {
      const failure = check(scope);
      if (!failure) return null;
      Object.assign(values, failure.values);
    }
    return { path, values };
  };
}

function compileNot(condition: Condition, path: string): Check {
  const check = compileCondition(condition, path);
  return (scope) => (check(scope) ? null : { path, values: {} });
}

/** Of this event's name: the event being decided is the first in the profile's life, or in the session. */
function compileOccurrence(kind: 'first_ever' | 'first_in_session', path: string): Check {
  return (scope) => {
    const count = scope.current ? scope.draft.get('counts', scope.current.name) : undefined;
    const holds =
      count !== undefined && (kind === 'first_ever' ? count.n === 1 : firstInSession(count, scope));
    return holds ? null : { path, values: { count: count?.n ?? 0 } };
  };
}

function firstInSession(count: EventCount, scope: Scope): boolean {
  return count.session === scope.draft.meta.sessionCount && count.inSession === 1;
}

function compileSegment(id: string, path: string): Check {
  return (scope) => {
    const member = scope.config.segments.get(id);
    const failure = member ? member(scope) : { path, values: {} };
    return failure && { path, values: { segment: id, ...failure.values } };
  };
}

/** The user's relation to the item of the event being decided. */
function compileRelation(relation: string, path: string): Check {
  return (scope) => {
    const ids = scope.item ? [scope.item.id] : [];
    const holds = ids.some((id) => scope.draft.get('relations', `${relation}\n${id}`)?.on);
    return holds ? null : { path, values: { relation: false, ...(ids[0] && { 'item.id': ids[0] }) } };
  };
}
