/**
 * What is wrong with a trigger beyond its shape. `checkTriggerDocument` looks at the document alone and is asked
 * whenever one is written; `check-references.ts` looks at what it refers to.
 */

import type { SendStep, Step, Trigger } from '../trigger.ts';
import { checkConditions, checkPath } from './check-condition.ts';
import { eventNameFault } from './check-event-name.ts';
import { checkFlow } from './check-flow.ts';
import { checkItemOn } from './check-item-on.ts';
import { rootOf } from './check-path.ts';
import type { Issue } from './issue.ts';
import { issueOf, refusedAt } from './refusal.ts';
import { triggerConditions } from './walk-conditions.ts';
import { triggerListeners } from './walk-listeners.ts';
import { ownPaths, triggerPaths } from './walk-paths.ts';

export function checkTriggerDocument(trigger: Trigger): Issue[] {
  return [
    ...checkWhole(trigger),
    ...checkReeligibility(trigger),
    ...checkExits(trigger),
    ...checkListeners(trigger),
    ...checkSteps(trigger.steps),
    ...checkFlow(trigger.steps),
    ...checkSplits(trigger),
    ...checkConditions(triggerConditions(trigger)),
    ...ownPaths(trigger).flatMap(checkPath),
    ...checkLookupPaths(trigger),
  ];
}

function checkWhole(trigger: Trigger): Issue[] {
  const issues: Issue[] = [];
  if (trigger.id === 'self') {
    issues.push({ path: 'id', message: '`self` means the trigger itself in `received`; choose another id' });
  }
  if (trigger.category === 'transactional' && trigger.transactionalReason === undefined) {
    issues.push(refusedAt('transactionalReason', { code: 'no_transactional_reason' }));
  }
  return issues;
}

function checkReeligibility({ reeligibility, entry }: Trigger): Issue[] {
  const issues: Issue[] = [];
  const { mode, after, per } = reeligibility;
  if (mode === 'cooldown' && after === undefined) {
    issues.push(refusedAt('reeligibility.after', { code: 'no_cooldown' }));
  }
  if (mode !== 'cooldown' && after !== undefined) {
    issues.push(refusedAt('reeligibility.after', { code: 'needless_cooldown', values: { mode } }));
  }
  if (per === 'key' && entry.key === undefined) {
    issues.push(refusedAt('reeligibility.per', { code: 'no_entry_key' }));
  }
  return issues;
}

function checkExits({ exit = [], entry }: Trigger): Issue[] {
  return exit.flatMap(({ on, if: condition, matchKey }, index) => {
    const issues: Issue[] = [];
    if (on === undefined && condition === undefined) {
      issues.push(refusedAt(`exit.${index}`, { code: 'exit_of_nothing' }));
    }
    if (matchKey && entry.key === undefined) {
      issues.push({ path: `exit.${index}.matchKey`, message: 'needs `entry.key`, whose values it compares' });
    }
    if (matchKey && on === undefined) {
      issues.push({ path: `exit.${index}.matchKey`, message: 'needs `on`, the event whose key it compares' });
    }
    return issues;
  });
}

function checkListeners(trigger: Trigger): Issue[] {
  return triggerListeners(trigger).flatMap(({ on, at }) => {
    if ('event' in on) {
      const fault = eventNameFault(on.event ?? '', { inHistory: false });
      return fault === null || on.event === undefined ? [] : [issueOf(`${at}.event`, fault)];
    }
    if ('item' in on) return checkItemOn(on, at);
    const time = (['inactive', 'date', 'at'] as const).find((name) => name in on);
    if (time === undefined || at.startsWith('entry.')) return [];
    const message = `only \`entry.on\` can listen to \`${time}\` in this version: here nothing would ever come`;
    return [{ path: `${at}.${time}`, message }];
  });
}

/** Every variant needs an arm, and every arm a variant: a run has no other way out of a split. */
function checkSplits({ steps, experiment }: Trigger): Issue[] {
  const variants = (experiment?.variants ?? []).map(({ id }) => id);
  return steps.flatMap((step, i) => {
    if (!('split' in step)) return [];
    const arms = Object.keys(step.split);
    const known = variants.map((id) => `\`${id}\``).join(', ') || 'none';
    return [
      ...arms
        .filter((arm) => !variants.includes(arm))
        .map((arm) => refusedAt(`steps.${i}.split.${arm}`, { code: 'no_variant', values: { arm, known } })),
      ...variants
        .filter((id) => !arms.includes(id))
        .map((variant) => refusedAt(`steps.${i}.split`, { code: 'no_arm', values: { variant } })),
    ];
  });
}

function checkSteps(steps: Step[]): Issue[] {
  const issues: Issue[] = [];
  const first = new Map<string, number>();
  for (const [index, step] of steps.entries()) {
    const earlier = first.get(step.id);
    if (earlier === undefined) first.set(step.id, index);
    else
      issues.push(
        refusedAt(`steps.${index}.id`, {
          code: 'same_step_id',
          values: { id: step.id, at: `steps.${earlier}` },
        }),
      );
    if ('send' in step) issues.push(...checkSend(step.send, `steps.${index}.send`));
  }
  if (!steps.some((step) => 'send' in step)) {
    issues.push(refusedAt('steps', { code: 'no_send' }));
  }
  return issues;
}

function checkSend({ channels, surface }: SendStep, path: string): Issue[] {
  const issues: Issue[] = [];
  const repeated = channels.findIndex((channel, index) => channels.indexOf(channel) < index);
  if (repeated >= 0) {
    const channel = channels[repeated] ?? '';
    issues.push(refusedAt(`${path}.channels.${repeated}`, { code: 'same_channel', values: { channel } }));
  }
  if (surface !== undefined && !channels.includes('in_app') && !channels.includes('card')) {
    issues.push(refusedAt(`${path}.surface`, { code: 'no_surface' }));
  }
  return issues;
}

function checkLookupPaths(trigger: Trigger): Issue[] {
  if (trigger.entry.lookup !== undefined) return [];
  return triggerPaths(trigger)
    .filter(({ path }) => rootOf(path) === 'lookup' || path.startsWith('entry.lookup'))
    .map(({ path, at }) => refusedAt(at, { code: 'no_lookup', values: { path } }));
}
