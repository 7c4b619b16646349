/** What stands in a user's ledger, as the page shows it: by the names under which people say yes and no. */
import type { ProfileView } from '../../protocol/rpc.ts';
import type { ASKED_CHANNELS, PURPOSES } from '../../protocol/unsubscribe-form.ts';

export type Purpose = (typeof PURPOSES)[number];

export type AskedChannel = (typeof ASKED_CHANNELS)[number];

/** The newest word about a channel and purpose, and when it was given. */
export interface Standing {
  granted: boolean;
  at: number;
}

export type Ledger = ReadonlyMap<string, Standing>;

export function ledgerOf(consents: ProfileView['consents']): Ledger {
  const ledger = new Map<string, Standing>();
  for (const { channel, purpose, granted, at } of consents) {
    // `sms` covers `lms`; a ledger may have entries of both.
    const key = keyOf(channel === 'lms' ? 'sms' : channel, purpose);
    const known = ledger.get(key);
    if (!known || at > known.at || (at === known.at && !granted)) ledger.set(key, { granted, at });
  }
  return ledger;
}

export function standing(ledger: Ledger, channel: AskedChannel, purpose: Purpose): Standing | null {
  return ledger.get(keyOf(channel, purpose)) ?? null;
}

export function isGranted(ledger: Ledger, channel: AskedChannel, purpose: Purpose): boolean {
  return standing(ledger, channel, purpose)?.granted ?? false;
}

export function keyOf(channel: string, purpose: string): string {
  return `${channel}|${purpose}`;
}
