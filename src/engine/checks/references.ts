import type { Segment } from '../documents.ts';
import type { On, Trigger } from '../trigger.ts';
import { segmentsIn } from './check-condition.ts';
import { triggerConditions, within } from './walk-conditions.ts';
import { triggerListeners } from './walk-listeners.ts';

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
    ...triggerListeners(trigger).flatMap(({ on, at }) => listenerReferences(on, at)),
    ...(lookup ? [{ kind: 'lookup' as const, id: lookup.table, at: 'entry.lookup.table' }] : []),
    ...trigger.steps.flatMap((step, i) =>
      'send' in step
        ? [{ kind: 'template' as const, id: step.send.template, at: `steps.${i}.send.template` }]
        : [],
    ),
  ];
}

function listenerReferences(on: On, at: string): Reference[] {
  if ('message' in on && on.trigger !== undefined)
    return [{ kind: 'trigger', id: on.trigger, at: `${at}.trigger` }];
  if ('segment' in on && on.segment !== undefined) {
    return [{ kind: 'segment', id: on.segment, at: `${at}.segment` }];
  }
  return [];
}

export function segmentReferences(segment: Segment): Reference[] {
  return segmentsIn(within(segment.if, 'if')).map(({ id, at }) => ({ kind: 'segment', id, at }));
}
