/** What a schema can't see of a condition: which paths exist, what an operator takes, how deep it goes. */

import type { Condition, LocalTimeCondition, NearCondition, SequenceCondition, Value } from '../trigger.ts';
import { eventNameFault } from './check-event-name.ts';
import { operatorFault } from './check-operator.ts';
import { findFault, rootOf } from './check-path.ts';
import type { Issue } from './issue.ts';
import { issueOf } from './refusal.ts';
import type { PlacedCondition } from './walk-conditions.ts';

const MAX_DEPTH = 16;

/** A path that a document reads, and where in the document it is written. */
export interface PlacedPath {
  path: string;
  at: string;
}

export function checkConditions(placed: PlacedCondition[]): Issue[] {
  const tooDeep = placed.find(({ depth }) => depth >= MAX_DEPTH);
  return [
    ...(tooDeep
      ? [{ path: tooDeep.path, message: `conditions stand at most ${MAX_DEPTH} deep in each other` }]
      : []),
    ...placed.flatMap(checkCondition),
    ...placed.flatMap(conditionPaths).flatMap(checkPath),
  ];
}

export function checkPath({ path, at }: PlacedPath): Issue[] {
  const fault = findFault(path);
  return fault === null ? [] : [issueOf(at, fault)];
}

function checkCondition({ condition, path, ofPast }: PlacedCondition): Issue[] {
  if ('field' in condition) {
    const fault = operatorFault(condition);
    return fault ? [issueOf(`${path}.${fault.field}`, fault.said)] : [];
  }
  if ('did' in condition) return checkCounted(condition.did, `${path}.did`);
  if ('didNot' in condition) return checkCounted(condition.didNot, `${path}.didNot`);
  if ('sequence' in condition) return checkSequence(condition, path);
  if ('localTime' in condition) return checkLocalTime(condition, path);
  if ('near' in condition) return checkNear(condition, path, ofPast);
  if ('received' in condition && condition.trigger !== undefined && condition.tag !== undefined) {
    return [{ path: `${path}.tag`, message: 'expected `trigger` or `tag`, not both' }];
  }
  return [];
}

function checkCounted(name: string, path: string): Issue[] {
  const fault = eventNameFault(name, { inHistory: true });
  return fault === null ? [] : [issueOf(path, fault)];
}

function checkSequence({ sequence, same }: SequenceCondition, path: string): Issue[] {
  const issues = sequence.flatMap((item, i) =>
    'did' in item
      ? checkCounted(item.did, `${path}.sequence.${i}.did`)
      : checkCounted(item.didNot, `${path}.sequence.${i}.didNot`),
  );
  if (!sequence.some((item) => 'did' in item)) {
    issues.push({
      path: `${path}.sequence`,
      message: 'expected at least one `did`; for nothing else use `didNot`',
    });
  }
  if (same !== undefined && rootOf(same) !== 'event') {
    const message = `\`${same}\` is the same for every event; expected a path of the events, such as \`event.properties.product_id\``;
    issues.push({ path: `${path}.same`, message });
  }
  return issues;
}

function checkLocalTime({ localTime: [from, to] }: LocalTimeCondition, path: string): Issue[] {
  if (from !== to) return [];
  return [
    {
      path: `${path}.localTime`,
      message: `expected two different times; \`${from}\` to \`${to}\` is the whole day`,
    },
  ];
}

function checkNear({ entered }: NearCondition, path: string, ofPast: boolean): Issue[] {
  if (!entered || !ofPast) return [];
  const message = 'only the event being decided can cross in; leave it out where past events are counted';
  return [{ path: `${path}.entered`, message }];
}

/** The paths that this very condition reads; not those of the conditions inside it. */
export function conditionPaths({
  condition,
  path,
}: Pick<PlacedCondition, 'condition' | 'path'>): PlacedPath[] {
  if ('field' in condition) {
    return [{ path: condition.field, at: `${path}.field` }, ...refPaths(condition.value, `${path}.value`)];
  }
  if ('sequence' in condition) {
    return condition.same === undefined ? [] : [{ path: condition.same, at: `${path}.same` }];
  }
  if (!('did' in condition)) return [];
  return [
    ...(condition.distinct === undefined ? [] : [{ path: condition.distinct, at: `${path}.distinct` }]),
    ...(condition.sum === undefined ? [] : [{ path: condition.sum.of, at: `${path}.sum.of` }]),
  ];
}

export function refPaths(value: Value | undefined, at: string): PlacedPath[] {
  return typeof value === 'object' && !Array.isArray(value) ? [{ path: value.ref, at: `${at}.ref` }] : [];
}

/** Segments that a document asks, and where. */
export function segmentsIn(placed: PlacedCondition[]): { id: string; at: string }[] {
  return placed.flatMap(({ condition, path }) =>
    isSegmentCondition(condition) ? [{ id: condition.segment, at: `${path}.segment` }] : [],
  );
}

function isSegmentCondition(condition: Condition): condition is { segment: string } {
  return 'segment' in condition;
}
