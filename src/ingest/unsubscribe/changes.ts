/**
 * What a wish comes to, given the ledger: only what isn't so already, so that the same wish twice is one. Whoever refuses a
 * channel's advertising refuses it at night as well: consent to the night rests on the other one, and must not come to life
 * again with it.
 */
import { ASKED_CHANNELS, PURPOSES } from '../../protocol/unsubscribe-form.ts';
import { type AskedChannel, isGranted, keyOf, type Ledger, type Purpose, standing } from './ledger.ts';

export type Wish =
  /** What a mailbox's own button says: no more of what the link came with. */
  | { kind: 'unsubscribe' }
  | { kind: 'everything' }
  | { kind: 'set'; channel: AskedChannel; purpose: Purpose; granted: boolean };

export interface Change {
  channel: AskedChannel;
  purpose: Purpose;
  granted: boolean;
}

/** @param channel of the message; null where nobody asks for consent to it: then its link stops everything */
export function changesFor(wish: Wish, channel: AskedChannel | null, ledger: Ledger): Change[] {
  switch (wish.kind) {
    case 'unsubscribe':
      return channel === null ? refuseAll(null, ledger) : refuse(channel, ledger);
    case 'everything':
      return refuseAll(channel, ledger);
    case 'set':
      return set(wish, ledger);
    default:
      return wish satisfies never;
  }
}

/** The ledger with the changes in it. */
export function changed(ledger: Ledger, changes: readonly Change[], at: number): Ledger {
  const entries = changes.map(
    ({ channel, purpose, granted }) => [keyOf(channel, purpose), { granted, at }] as const,
  );
  return new Map([...ledger, ...entries]);
}

/** A refusal is written down also where nobody had agreed: older consents may still come in. */
function refuse(channel: AskedChannel, ledger: Ledger): Change[] {
  return PURPOSES.filter((purpose) =>
    purpose === 'marketing'
      ? standing(ledger, channel, purpose)?.granted !== false
      : isGranted(ledger, channel, purpose),
  ).map((purpose) => ({ channel, purpose, granted: false }));
}

function refuseAll(asked: AskedChannel | null, ledger: Ledger): Change[] {
  return ASKED_CHANNELS.filter(
    (channel) => channel === asked || PURPOSES.some((purpose) => isGranted(ledger, channel, purpose)),
  ).flatMap((channel) => refuse(channel, ledger));
}

function set({ channel, purpose, granted }: Change, ledger: Ledger): Change[] {
  if (!granted && purpose === 'marketing') return refuse(channel, ledger);
  if (isGranted(ledger, channel, purpose) === granted) return [];
  // The night alone can't be agreed to.
  const rests = purpose === 'marketing_night' && granted && !isGranted(ledger, channel, 'marketing');
  return rests ? [] : [{ channel, purpose, granted }];
}
