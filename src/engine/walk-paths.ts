import { conditionPaths, type PlacedPath, refPaths } from './check-condition.ts';
import type { Trigger } from './trigger.ts';
import { triggerConditions } from './walk-conditions.ts';

/** Every path that a trigger reads, and where it is written. */
export function triggerPaths(trigger: Trigger): PlacedPath[] {
  return [...triggerConditions(trigger).flatMap(conditionPaths), ...ownPaths(trigger)];
}

/** Those that stand outside of conditions. */
export function ownPaths({ entry, steps, goals = [] }: Trigger): PlacedPath[] {
  return [
    ...(entry.key ?? []).map((path, i) => ({ path, at: `entry.key.${i}` })),
    ...refPaths(entry.lookup?.key, 'entry.lookup.key'),
    ...goals.flatMap(({ value }, i) =>
      value === undefined ? [] : [{ path: value, at: `goals.${i}.value` }],
    ),
    ...steps.flatMap((step, i) => ('send' in step ? dataPaths(step.send.data, `steps.${i}.send.data`) : [])),
  ];
}

function dataPaths(data: Extract<Trigger['steps'][number], { send: unknown }>['send']['data'], at: string) {
  return Object.entries(data ?? {}).flatMap(([name, value]) => refPaths(value, `${at}.${name}`));
}
