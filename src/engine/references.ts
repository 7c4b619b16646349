import { segmentsIn } from './check-condition.ts';
import type { Segment } from './documents.ts';
import type { Trigger } from './trigger.ts';
import { triggerConditions, within } from './walk-conditions.ts';

/** One document naming another: what, and where it is written. */
export interface Reference {
  kind: 'template' | 'segment' | 'lookup' | 'trigger';
  id: string;
  at: string;
}

export function triggerReferences(trigger: Trigger): Reference[] {
  const placed = triggerConditions(trigger);
  const { lookup } = trigger.entry;
  return [
    ...segmentsIn(placed).map(({ id, at }) => ({ kind: 'segment' as const, id, at })),
    ...placed.flatMap(({ condition, path }) =>
      'received' in condition && condition.trigger !== undefined && condition.trigger !== 'self'
        ? [{ kind: 'trigger' as const, id: condition.trigger, at: `${path}.trigger` }]
        : [],
    ),
    ...(lookup ? [{ kind: 'lookup' as const, id: lookup.table, at: 'entry.lookup.table' }] : []),
    ...trigger.steps.flatMap((step, i) =>
      'send' in step
        ? [{ kind: 'template' as const, id: step.send.template, at: `steps.${i}.send.template` }]
        : [],
    ),
  ];
}

export function segmentReferences(segment: Segment): Reference[] {
  return segmentsIn(within(segment.if, 'if')).map(({ id, at }) => ({ kind: 'segment', id, at }));
}
