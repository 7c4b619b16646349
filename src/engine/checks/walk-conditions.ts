import type { Condition, Exit, On, Step, Trigger } from '../trigger.ts';

/** A condition, where it stands in its document, and what stands around it. */
export interface PlacedCondition {
  condition: Condition;
  path: string;
  /** How many conditions it stands inside of. */
  depth: number;
  /** It is the `where` of an event, or inside of one: `event.` is the event under test. */
  inWhere: boolean;
  /** That event is one of the profile's history, and not the one being decided. */
  ofPast: boolean;
}

/** Every condition of a trigger, outer ones first. */
export function triggerConditions(trigger: Trigger): PlacedCondition[] {
  return [
    ...trigger.entry.on.flatMap((on, i) => onConditions(on, `entry.on.${i}`)),
    ...within(trigger.entry.if, 'entry.if'),
    ...(trigger.exit ?? []).flatMap((exit, i) => exitConditions(exit, `exit.${i}`)),
    ...trigger.steps.flatMap((step, i) => branchConditions(step, `steps.${i}`)),
    ...within(trigger.delivery?.recheck, 'delivery.recheck'),
    ...(trigger.goals ?? []).flatMap(({ on }, i) => onConditions(on, `goals.${i}.on`)),
  ];
}

/** `condition` and every condition inside it. */
export function within(
  condition: Condition | undefined,
  path: string,
  depth = 0,
  inWhere = false,
  ofPast = false,
): PlacedCondition[] {
  if (condition === undefined) return [];
  const inside = (child: Condition | undefined, name: string) =>
    within(child, `${path}.${name}`, depth + 1, inWhere, ofPast);
  const whereOf = (child: Condition | undefined, name: string) =>
    within(child, `${path}.${name}`, depth + 1, true, true);
  const here: PlacedCondition = { condition, path, depth, inWhere, ofPast };
  if ('all' in condition) return [here, ...condition.all.flatMap((child, i) => inside(child, `all.${i}`))];
  if ('any' in condition) return [here, ...condition.any.flatMap((child, i) => inside(child, `any.${i}`))];
  if ('not' in condition) return [here, ...inside(condition.not, 'not')];
  if ('did' in condition || 'didNot' in condition) return [here, ...whereOf(condition.where, 'where')];
  if ('sequence' in condition) {
    return [here, ...condition.sequence.flatMap(({ where }, i) => whereOf(where, `sequence.${i}.where`))];
  }
  return [here];
}

function onConditions(on: On, path: string): PlacedCondition[] {
  return 'where' in on ? within(on.where, `${path}.where`, 0, true) : [];
}

function exitConditions(exit: Exit, path: string): PlacedCondition[] {
  return [...(exit.on ? onConditions(exit.on, `${path}.on`) : []), ...within(exit.if, `${path}.if`)];
}

function branchConditions(step: Step, path: string): PlacedCondition[] {
  if ('waitFor' in step) return onConditions(step.waitFor, `${path}.waitFor`);
  if (!('branch' in step)) return [];
  return step.branch.flatMap((branch, i) => within(branch.if, `${path}.branch.${i}.if`));
}
