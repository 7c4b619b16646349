/**
 * What an experiment says so far. People are compared, by the side that they were drawn to, whether or not a message reached
 * them: who exits or reads nothing is part of what sending does, and his like is in the hold-out too. All goals met
 * within their time count, whoever has the credit.
 *
 * The hold-out is compared with everybody who wasn't held out, and each variant with the first. Of several comparisons of
 * one kind, each may be wrong that much less often, so that all together keep to 5 %.
 */
import type { Trigger } from '../trigger.ts';
import { type Comparison, compare, type Interval } from './compare.ts';
import { type SampleRatio, sampleRatio } from './sample-ratio.ts';
import { addSamples, proportion, type Sample } from './samples.ts';

export interface ArmSize {
  variant: string | null;
  /** 0 or 1. */
  heldOut: number;
  people: number;
}

/** Of the people of an arm who met a goal: how many, and the sums of what each of them was worth. */
export interface ArmOutcome {
  goal: string;
  variant: string | null;
  heldOut: number;
  active: number;
  paying: number;
  sum: number | null;
  sumOfSquares: number | null;
}

export interface ComparedArm {
  people: number;
  converted: number;
  value: number;
}

interface Incremental {
  amount: number;
  interval: Interval;
}

export interface GoalComparison {
  goal: string;
  one: ComparedArm;
  other: ComparedArm;
  conversion: Comparison;
  /** Null where the goal names no value. */
  value: Comparison | null;
  /** What the messages have brought in all, beyond what would have come anyway; null until that can be said. */
  incrementalValue: Incremental | null;
}

export interface ExperimentReport {
  /** People on each side. */
  arms: { variant: string | null; heldOut: boolean; people: number }[];
  sampleRatio: SampleRatio;
  /** Everybody who wasn't held out against the hold-out; empty without one. */
  againstHoldout: GoalComparison[];
  /** Each variant against the first; empty without several. */
  variants: ({ variant: string; against: string } & Omit<GoalComparison, 'incrementalValue'>)[];
}

/** How often an interval may be wrong. */
const ALPHA = 0.05;

/** The workspace's hold-out, against everybody else. */
export type HoldoutReport = Pick<ExperimentReport, 'arms' | 'sampleRatio'> & Omit<GoalComparison, 'goal'>;

export function judgeHoldout(share: number, sizes: ArmSize[], outcomes: ArmOutcome[]): HoldoutReport {
  const [treated, heldOut] = [0, 1].map((side) =>
    sideOf(
      sizes.filter((one) => one.heldOut === side),
      outcomes.filter((one) => one.heldOut === side),
    ),
  ) as [Side, Side];
  const { goal: _, ...compared } = compareGoal('', true, treated, heldOut, ALPHA);
  return {
    arms: armsOf(sizes),
    sampleRatio: drawnAs(sizes, [], share),
    ...compared,
    incrementalValue: incrementalOf({ goal: '', ...compared }),
  };
}

function armsOf(sizes: ArmSize[]): ExperimentReport['arms'] {
  return sizes.map(({ variant, heldOut, people }) => ({ variant, heldOut: heldOut === 1, people }));
}

interface Side {
  people: number;
  converted: number;
  paying: number;
  value: Sample;
}

export function judgeExperiment(
  trigger: Trigger,
  workspaceShare: number,
  sizes: ArmSize[],
  outcomes: ArmOutcome[],
): ExperimentReport {
  const { variants = [], holdout = 0 } = trigger.experiment ?? {};
  const ids = variants.map(({ id }) => id);
  const share = 1 - (1 - holdout) * (1 - (trigger.category === 'marketing' ? workspaceShare : 0));
  const goals = (trigger.goals ?? []).map(({ id, value }) => ({ id, hasValue: value !== undefined }));
  const side = (goal: string, isOn: (arm: { variant: string | null; heldOut: number }) => boolean): Side =>
    sideOf(
      sizes.filter(isOn),
      outcomes.filter((one) => one.goal === goal && isOn(one)),
    );
  const [first, ...others] = ids;
  return {
    arms: armsOf(sizes),
    sampleRatio: drawnAs(sizes, variants, share),
    againstHoldout: (share > 0 ? goals : []).map(({ id, hasValue }) => {
      const treated = side(id, ({ heldOut }) => heldOut === 0);
      const heldOut = side(id, (arm) => arm.heldOut === 1);
      const compared = compareGoal(id, hasValue, treated, heldOut, ALPHA);
      return { ...compared, incrementalValue: incrementalOf(compared) };
    }),
    variants: others.flatMap((variant) =>
      goals.map(({ id, hasValue }) => ({
        variant,
        against: first ?? '',
        ...compareGoal(
          id,
          hasValue,
          side(id, (arm) => arm.heldOut === 0 && arm.variant === variant),
          side(id, (arm) => arm.heldOut === 0 && arm.variant === (first ?? null)),
          ALPHA / others.length,
        ),
      })),
    ),
  };
}

function sideOf(sizes: ArmSize[], outcomes: ArmOutcome[]): Side {
  const people = sizes.reduce((sum, one) => sum + one.people, 0);
  const total = (count: (one: ArmOutcome) => number) => outcomes.reduce((sum, one) => sum + count(one), 0);
  const value = outcomes
    .map(({ sum, sumOfSquares }) => ({ n: 0, sum: sum ?? 0, sumOfSquares: sumOfSquares ?? 0 }))
    .reduce(addSamples, { n: people, sum: 0, sumOfSquares: 0 });
  return { people, converted: total(({ active }) => active), paying: total(({ paying }) => paying), value };
}

function compareGoal(goal: string, hasValue: boolean, one: Side, other: Side, alpha: number) {
  return {
    goal,
    one: armOf(one),
    other: armOf(other),
    conversion: compare(
      proportion(one.people, one.converted),
      proportion(other.people, other.converted),
      [one.converted, other.converted],
      alpha,
    ),
    value: hasValue ? compare(one.value, other.value, [one.paying, other.paying], alpha) : null,
  };
}

function incrementalOf({ value, one }: ReturnType<typeof compareGoal>): Incremental | null {
  if (value === null || value.difference === null || value.interval === null) return null;
  const [low, high] = value.interval;
  return { amount: value.difference * one.people, interval: [low * one.people, high * one.people] };
}

function armOf({ people, converted, value }: Side): ComparedArm {
  return { people, converted, value: value.sum };
}

/** A cell for the hold-out, and one for each variant of the others. */
function drawnAs(sizes: ArmSize[], variants: { id: string; weight: number }[], share: number): SampleRatio {
  const countOf = (isOn: (arm: ArmSize) => boolean) =>
    sizes.filter(isOn).reduce((sum, { people }) => sum + people, 0);
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  const cells = variants.length > 1 ? variants : [];
  const counts = cells.map(({ id }) => countOf((arm) => arm.heldOut === 0 && arm.variant === id));
  const weights = cells.map(({ weight }) => ((1 - share) * weight) / total);
  if (cells.length === 0) {
    counts.push(countOf(({ heldOut }) => heldOut === 0));
    weights.push(1 - share);
  }
  if (share > 0) {
    counts.push(countOf(({ heldOut }) => heldOut === 1));
    weights.push(share);
  }
  const drawn = weights
    .map((weight, i) => ({ weight, count: counts[i] ?? 0 }))
    .filter(({ weight }) => weight > 0);
  return sampleRatio(
    drawn.map(({ count }) => count),
    drawn.map(({ weight }) => weight),
  );
}
