/**
 * What a message has come to is called by where it goes: one that leaves the app is sent and opened, one in the app is
 * offered and shown. Numbers of both kinds together bear both names.
 */
import { number, t } from '../language.ts';
import { percent } from './figures.ts';
import type { Numbers } from './report-types.ts';

export interface MessageWords {
  isAnySent: boolean;
  isAnyOffered: boolean;
  seen: string;
  ofSeen: string;
  /** Of which messages conversions are a share. */
  ofMessages: string;
}

export function messageWords(all: readonly Pick<Numbers, 'sent' | 'offered'>[]): MessageWords {
  const isAnyOffered = all.some(({ offered }) => offered > 0);
  const isAnySent = all.some(({ sent }) => sent > 0);
  if (isAnyOffered && isAnySent) {
    return {
      ...{ isAnySent, isAnyOffered, seen: t('Shown or opened', '노출·열람') },
      ofSeen: t('of shown or opened', '노출·열람 대비'),
      ofMessages: t('of sent and offered', '발송·제공 대비'),
    };
  }
  return isAnyOffered
    ? {
        ...{ isAnySent, isAnyOffered, seen: t('Shown', '노출') },
        ofSeen: t('of shown', '노출 대비'),
        ofMessages: t('of offered', '제공 대비'),
      }
    : {
        ...{ isAnySent, isAnyOffered, seen: t('Opened', '열람') },
        ofSeen: t('of opened', '열람 대비'),
        ofMessages: t('of sent', '발송 대비'),
      };
}

export function sentWord(): string {
  return t('Sent', '발송');
}

export function offeredWord(): string {
  return t('Offered in the app', '앱에 제공');
}

/** Of what was offered; null where the app has shown or lost all of it. */
export function waitingWords({ waiting }: Numbers): string | null {
  return waiting > 0
    ? t(`${number(waiting)} waiting for the app`, `앱 노출 대기 ${number(waiting)}건`)
    : null;
}

/** Of what is to leave; null where nothing waits. */
export function unsentWords({ statuses: { queued, held }, waiting }: Numbers): string | null {
  const unsent = queued + held - waiting;
  return unsent > 0 ? t(`${number(unsent)} not gone out yet`, `발송 대기 ${number(unsent)}건`) : null;
}

/** `12.0 % of sent`; a share of nothing is none. */
export function shareOf(rate: number | null, of: string): string {
  return rate === null ? percent(null) : t(`${percent(rate)} ${of}`, `${of} ${percent(rate)}`);
}
