import type { Draft } from './delta.ts';
import type { WorkspacePolicy } from './documents.ts';

/** The user's locale: trait `locale`, else the client's last one, else the workspace's. */
export function localeOf(draft: Draft, workspace: WorkspacePolicy): string {
  return textTrait(draft, 'locale') ?? draft.meta.locale ?? workspace.locale;
}

/** The user's zone: trait `timezone`, else the client's last one, else the workspace's. */
export function timeZoneOf(draft: Draft, workspace: WorkspacePolicy): string {
  return textTrait(draft, 'timezone') ?? draft.meta.timezone ?? workspace.tz;
}

function textTrait(draft: Draft, name: string): string | undefined {
  const value = draft.get('traits', name)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
