/**
 * Arms and hold-outs are drawn by a hash, not by chance: of the id that this person was first known by and the salt. So
 * a restart, a retry, a merge or a new version draws the same arm again.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Config } from '../config.ts';
import { hash53 } from '../hash.ts';
import type { WorkspaceSide } from '../reporting/report-facts.ts';

const SPAN = 2 ** 53;

/** Where in [0, 1) a person stands for a salt. */
function drawOf(firstId: string, salt: string): number {
  return hash53(`${salt}\n${firstId}`, 7) / SPAN;
}

/** The experiment's arm; null without variants. */
export function variantOf(trigger: CompiledTrigger, firstId: string): string | null {
  const { variants = [] } = trigger.document.experiment ?? {};
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) return null;
  let at = drawOf(firstId, `${saltOf(trigger)}\nvariant`) * total;
  for (const { id, weight } of variants) {
    at -= weight;
    if (at < 0) return id;
  }
  return variants.at(-1)?.id ?? null;
}

/**
 * Whether the person is kept from getting it, by the trigger's own hold-out or the workspace's. The workspace's is about
 * marketing: nobody goes without the news of their own order for it.
 */
export function isHeldOut(trigger: CompiledTrigger, firstId: string, config: Config): boolean {
  const own = trigger.document.experiment?.holdout ?? 0;
  return (
    workspaceSide(trigger, firstId, config)?.heldOut === true ||
    (own > 0 && drawOf(firstId, `${saltOf(trigger)}\nholdout`) < own)
  );
}

/** On which side of the workspace's hold-out the person is; null where there is none for this trigger. */
export function workspaceSide(
  { document }: CompiledTrigger,
  firstId: string,
  config: Config,
): WorkspaceSide | null {
  const { share } = config.policies.holdout;
  if (document.category !== 'marketing' || share <= 0) return null;
  return { share, heldOut: drawOf(firstId, 'workspace\nholdout') < share };
}

/**
 * Names what is compared: the same draw with the same shares, whatever the messages say. Who shifts the shares begins a new
 * comparison, for some people change sides by it. Null where everybody gets the same.
 */
export function experimentOf(trigger: CompiledTrigger, config: Config): string | null {
  const { category, experiment } = trigger.document;
  const { variants = [], holdout = 0 } = experiment ?? {};
  const workspace = category === 'marketing' ? config.policies.holdout.share : 0;
  if (variants.length < 2 && holdout <= 0 && workspace <= 0) return null;
  const arms = variants.map(({ id, weight }) => [id, weight]);
  return hash53(JSON.stringify([saltOf(trigger), arms, holdout, workspace]), 7).toString(36);
}

function saltOf({ id, document }: CompiledTrigger): string {
  return document.experiment?.salt ?? id;
}
