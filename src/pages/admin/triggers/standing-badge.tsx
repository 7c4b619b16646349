import { t } from '../language.ts';
import { hasChanges, type StoredTrigger, standingOf, standingWord } from './stored-trigger.ts';

type Shown = Pick<StoredTrigger, 'liveStatus' | 'status' | 'liveVersion' | 'version'>;

export function StandingBadge({ trigger }: { trigger: Shown }) {
  const standing = standingOf(trigger);
  return (
    <span class="row tight">
      <span class={`badge ${standing}`}>{standingWord(standing)}</span>
      {hasChanges(trigger) && <span class="badge changed">{t('draft waits', '초안 있음')}</span>}
    </span>
  );
}
