import type { On, Trigger } from '../trigger.ts';

/** What a trigger listens to, and where it is written: its entries, exits, goals and steps that wait for something. */
export function triggerListeners({ entry, exit = [], goals = [], steps }: Trigger): { on: On; at: string }[] {
  return [
    ...entry.on.map((on, i) => ({ on, at: `entry.on.${i}` })),
    ...exit.flatMap(({ on }, i) => (on ? [{ on, at: `exit.${i}.on` }] : [])),
    ...goals.map(({ on }, i) => ({ on, at: `goals.${i}.on` })),
    ...steps.flatMap((step, i) =>
      'waitFor' in step ? [{ on: step.waitFor, at: `steps.${i}.waitFor` }] : [],
    ),
  ];
}
