import type { Trigger } from '../../../engine/trigger.ts';
import { t } from '../language.ts';

/** As the API lists it. */
export type StoredTrigger = Trigger & {
  version: number;
  status: string;
  liveVersion: number | null;
  liveStatus: 'live' | 'paused' | 'archived' | null;
  updatedAt: string;
  updatedBy: string;
  /** It has paused itself, and why. */
  guardrail?: { why: string };
};

export type Standing = 'active' | 'paused' | 'archived' | 'draft';

/** What the version in force does; a trigger that was never activated is a draft. */
export function standingOf({ liveStatus, status }: Pick<StoredTrigger, 'liveStatus' | 'status'>): Standing {
  if (liveStatus === 'live') return 'active';
  if (liveStatus === 'paused') return 'paused';
  return status === 'archived' || liveStatus === 'archived' ? 'archived' : 'draft';
}

export function standingWord(standing: Standing): string {
  return {
    active: t('Active', '켜짐'),
    paused: t('Paused', '멈춤'),
    archived: t('Archived', '보관됨'),
    draft: t('Draft', '초안'),
  }[standing];
}

/** There is a newer version than the one in force. */
export function hasChanges({
  liveVersion,
  version,
}: Pick<StoredTrigger, 'liveVersion' | 'version'>): boolean {
  return liveVersion !== null && liveVersion !== version;
}
