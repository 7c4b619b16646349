import { t } from '../language.ts';

/** In the order in which a message goes through them; those that ended badly last. */
export const STATUSES = [
  'queued',
  'held',
  'sent',
  'delivered',
  'shown',
  'clicked',
  'cancelled',
  'unknown',
  'failed',
  'dead',
] as const;
type Status = (typeof STATUSES)[number];

/** A status of a newer build is told by its code. */
export function statusWord(status: string): string {
  const words: Record<Status, string> = {
    queued: t('Waiting', '대기'),
    held: t('Held', '보류'),
    sent: t('Sent', '발송'),
    delivered: t('Delivered', '도착'),
    shown: t('Seen', '확인'),
    clicked: t('Clicked', '클릭'),
    cancelled: t('Cancelled', '취소'),
    unknown: t('Not known', '결과 모름'),
    failed: t('Failed', '실패'),
    dead: t('Given up', '포기'),
  };
  return Object.hasOwn(words, status) ? words[status as Status] : status;
}
