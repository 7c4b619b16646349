import type { On, Step, Trigger, Value } from '../trigger.ts';
import { conditionPaths, type PlacedPath, refPaths } from './check-condition.ts';
import { triggerConditions } from './walk-conditions.ts';
import { triggerListeners } from './walk-listeners.ts';

/** Every path that a trigger reads, and where it is written. */
export function triggerPaths(trigger: Trigger): PlacedPath[] {
  return [...triggerConditions(trigger).flatMap(conditionPaths), ...ownPaths(trigger)];
}

/** Those that stand outside of conditions. */
export function ownPaths(trigger: Trigger): PlacedPath[] {
  const { entry, steps, goals = [], delivery } = trigger;
  return [
    ...(entry.key ?? []).map((path, i) => ({ path, at: `entry.key.${i}` })),
    ...refPaths(entry.lookup?.key, 'entry.lookup.key'),
    ...goals.flatMap(({ value }, i) =>
      value === undefined ? [] : [{ path: value, at: `goals.${i}.value` }],
    ),
    ...steps.flatMap((step, i) => stepPaths(step, `steps.${i}`)),
    ...(delivery?.expireAfter !== undefined && typeof delivery.expireAfter === 'object'
      ? [{ path: delivery.expireAfter.until, at: 'delivery.expireAfter.until' }]
      : []),
    ...triggerListeners(trigger).flatMap(({ on, at }) => onPaths(on, at)),
  ];
}

function stepPaths(step: Step, at: string): PlacedPath[] {
  if ('send' in step) return dataPaths(step.send.data, `${at}.send.data`);
  if ('set' in step) return dataPaths(step.set, `${at}.set`);
  if (!('wait' in step) || typeof step.wait === 'string' || !('until' in step.wait)) return [];
  return [{ path: step.wait.until, at: `${at}.wait.until` }];
}

function onPaths(on: On, at: string): PlacedPath[] {
  if ('date' in on) return [{ path: on.date, at: `${at}.date` }];
  if (!('attribute' in on)) return [];
  const from = on.from === 'missing' ? [] : refPaths(on.from, `${at}.from`);
  return [{ path: on.attribute, at: `${at}.attribute` }, ...from, ...refPaths(on.to, `${at}.to`)];
}

function dataPaths(data: Record<string, Value> | undefined, at: string): PlacedPath[] {
  return Object.entries(data ?? {}).flatMap(([name, value]) => refPaths(value, `${at}.${name}`));
}
