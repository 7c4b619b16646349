/**
 * An address as D1 may know it: an HMAC of it, so that who sends there can be told of a refusal, and nobody can read whose
 * it is. E-mail addresses are compared without regard to case, numbers in E.164 (the caller writes them so).
 */
import type { Env } from '../bindings.ts';
import { hmacKey } from './profile-key.ts';

export interface NamedAddress {
  kind: 'email' | 'phone' | 'line';
  value: string;
}

/** 27 characters of base64url: 160 bits of HMAC-SHA256 over the kind and the address. */
export function addressKey(env: Pick<Env, 'ID_SECRET'>, { kind, value }: NamedAddress): Promise<string> {
  const written = kind === 'email' ? value.trim().toLowerCase() : value.trim();
  return hmacKey(env.ID_SECRET, `address:${kind}:${written}`);
}
