import type { Draft } from '../delta.ts';
import type { WorkspacePolicy } from '../documents.ts';
import { firstZone, isZone } from '../time/zone-offset.ts';

/** The user's locale: trait `locale`, else the client's last one, else the workspace's. */
export function localeOf(draft: Draft, workspace: WorkspacePolicy): string {
  return textTrait(draft, 'locale') ?? draft.meta.locale ?? workspace.locale;
}

/**
 * The user's zone: trait `timezone`, else the client's last one, else where the edge saw the user's own requests come
 * from, else the workspace's. What is no zone is passed over.
 */
export function timeZoneOf(draft: Draft, workspace: Pick<WorkspacePolicy, 'tz'>): string {
  const { timezone, edgeTimezone } = draft.meta;
  return firstZone(textTrait(draft, 'timezone'), timezone, edgeTimezone, workspace.tz);
}

/** The user's own zone, where anything has told it; the workspace's is a guess that no law takes. */
export function knownZoneOf(draft: Draft): string | null {
  const { timezone, edgeTimezone } = draft.meta;
  const told = [textTrait(draft, 'timezone'), timezone, edgeTimezone];
  return told.find((name) => typeof name === 'string' && isZone(name)) ?? null;
}

function textTrait(draft: Draft, name: string): string | undefined {
  const value = draft.get('traits', name)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
