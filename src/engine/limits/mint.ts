/**
 * Whose turn it is to mint a provider's token, so that many senders mint one:
 *
 *     none or expired → somebody mints it (a lease of 20 s) → there, until shortly before it expires
 *                          └ no word: the next one who asks mints it
 *
 * Pure; `now` is passed in.
 */
import { SECOND_MS } from '../time/duration.ts';

export interface Minted {
  value: string;
  expiresAt: number;
}

export interface Mint {
  token: Minted | null;
  /** Somebody is minting it until then. */
  mintingUntil: number;
}

export type Turn =
  | { kind: 'there'; token: Minted }
  /** It is yours to mint. */
  | { kind: 'yours' }
  | { kind: 'wait'; untilAt: number };

const MINTING_MS = 20 * SECOND_MS;
/** A token isn't handed out so close to its end: a message is under way for a while. */
const LEEWAY_MS = 60 * SECOND_MS;

export const EMPTY_MINT: Mint = { token: null, mintingUntil: 0 };

export function askFor(mint: Mint, now: number): { mint: Mint; turn: Turn } {
  const { token } = mint;
  if (token && isFresh(token, now)) return { mint, turn: { kind: 'there', token } };
  if (mint.mintingUntil > now) return { mint, turn: { kind: 'wait', untilAt: mint.mintingUntil } };
  return { mint: { token: null, mintingUntil: now + MINTING_MS }, turn: { kind: 'yours' } };
}

/** Whether it is still worth handing out. */
export function isFresh({ expiresAt }: Minted, now: number): boolean {
  return expiresAt - now > LEEWAY_MS;
}

export function keep(token: Minted): Mint {
  return { token, mintingUntil: 0 };
}

/** The provider refused it. Only this one: another may have been minted meanwhile. */
export function forget(mint: Mint, value: string): Mint {
  return mint.token?.value === value ? EMPTY_MINT : mint;
}
