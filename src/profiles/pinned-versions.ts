import type { Env } from '../bindings.ts';
import { compileTrigger } from '../engine/compile/compile-trigger.ts';
import { type Config, triggerOf } from '../engine/config.ts';
import type { ProfileState } from '../engine/state.ts';
import { loadTriggerVersions } from '../store/document-versions.ts';

/** Whether anything of the profile's began under a version that may no longer be in force. */
export function mayBePinned({ runs, goals }: ProfileState): boolean {
  return runs.size > 0 || goals.size > 0;
}

/**
 * Runs, messages and goals keep the trigger version they began under: loads those that are no longer in force, so that deciding
 * stays synchronous. What no longer exists stays missing, and its runs stand still.
 */
export async function loadPinned(env: Env, config: Config, state: ProfileState): Promise<void> {
  const missing = new Map<string, { id: string; version: number }>();
  const undelivered = [...state.undelivered.values()].flatMap(({ run }) => run ?? []);
  for (const { trigger, version } of [...state.runs.values(), ...state.goals.values(), ...undelivered]) {
    if (!triggerOf(config, trigger, version)) missing.set(`${trigger}@${version}`, { id: trigger, version });
  }
  if (missing.size === 0) return;
  for (const { document, version } of await loadTriggerVersions(env, [...missing.values()])) {
    const compiled = compileTrigger({ document, version, state: 'live', activatedAt: 0 });
    config.pinned.set(`${document.id}@${version}`, compiled);
  }
}
