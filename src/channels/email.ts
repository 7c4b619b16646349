import type { Address } from '../engine/send/addresses.ts';

/** The local part and the domain as providers take them; what SMTP allows beyond (quotes, comments) nobody has. */
const EMAIL = /^[^\s@<>(),;:\\"[\]]{1,64}@[A-Za-z0-9\p{L}.-]{1,255}$/u;

/** The message's e-mail address; null where it is none. */
export function emailOf(to: readonly Address[]): string | null {
  const value = to.find(({ kind }) => kind === 'email')?.value;
  return typeof value === 'string' && EMAIL.test(value) ? value : null;
}
