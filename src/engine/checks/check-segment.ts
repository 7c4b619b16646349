/** A segment is about the user alone: it is asked at any time, whatever event is being decided. */

import type { Segment } from '../documents.ts';
import { checkConditions, conditionPaths, segmentsIn } from './check-condition.ts';
import { rootOf } from './check-path.ts';
import type { Issue } from './issue.ts';
import { type PlacedCondition, within } from './walk-conditions.ts';

/** `known` are the other segments, by id. */
export function checkSegment(segment: Segment, known: ReadonlyMap<string, Segment>): Issue[] {
  const placed = within(segment.if, 'if');
  const issues = [...checkConditions(placed), ...placed.flatMap(checkScope)];
  for (const { id, at } of segmentsIn(placed)) {
    if (id !== segment.id && !known.has(id)) {
      issues.push({ path: at, message: `there is no segment \`${id}\`` });
    } else if (reaches(id, segment.id, known)) {
      issues.push({ path: at, message: `\`${id}\` is, in the end, defined by \`${segment.id}\` itself` });
    }
  }
  return issues;
}

/** Conditions that speak of the event being decided. */
const OF_THE_EVENT = ['occurrence', 'relation', 'near'] as const;

function checkScope({ condition, path, inWhere }: PlacedCondition): Issue[] {
  const name = OF_THE_EVENT.find((key) => key in condition);
  if (name !== undefined && !(name === 'near' && inWhere)) {
    return [
      { path: `${path}.${name}`, message: 'speaks of the event being decided; a segment is about the user' },
    ];
  }
  if ('received' in condition && (condition.trigger === 'self' || condition.sameKey)) {
    return [{ path, message: '`self` and `sameKey` speak of a trigger; a segment belongs to none' }];
  }
  const reads = conditionPaths({ condition, path });
  const countsEvents = inWhere || 'did' in condition || 'sequence' in condition;
  const legal = countsEvents ? ['user', 'event'] : ['user'];
  return reads
    .filter(({ path: read }) => !legal.includes(rootOf(read)))
    .map(({ path: read, at }) => ({
      path: at,
      message: `\`${read}\` speaks of the event being decided; a segment reads \`user.\`, and \`event.\` inside a \`where\``,
    }));
}

/** Whether the segment `from` asks `target`, itself or through others. */
function reaches(
  from: string,
  target: string,
  known: ReadonlyMap<string, Segment>,
  seen = new Set<string>(),
): boolean {
  if (from === target) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  const segment = known.get(from);
  return (
    segment !== undefined &&
    segmentsIn(within(segment.if, 'if')).some(({ id }) => reaches(id, target, known, seen))
  );
}
