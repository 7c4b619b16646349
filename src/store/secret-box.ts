/**
 * Texts sealed for D1: AES-256-GCM, bound to what they are for, so that one can't be read as another's. A copy of D1 alone
 * reveals none.
 *
 * Keys are Worker secrets, and change without a pause: `SECRETS_KEY` seals, it and all of `OTHER_SECRETS_KEYS` open, and each
 * sealed text says by whose key it was sealed: `<key's id>.<base64 of the initialisation vector and the ciphertext>`. Without
 * a key of its own a deployment derives one from `ID_SECRET`, which never changes; texts of that kind have no id before them.
 */
import type { Env } from '../bindings.ts';

export type Keys = Pick<Env, 'ID_SECRET' | 'SECRETS_KEY' | 'OTHER_SECRETS_KEYS'>;

interface Key {
  /** Empty: derived from `ID_SECRET`. */
  id: string;
  key: CryptoKey;
}

const IV_BYTES = 12;
const ID_BYTES = 6;

export async function seal(keys: Keys, purpose: string, text: string): Promise<string> {
  const { id, key } = await sealingKey(keys);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(algorithm(iv, purpose), key, new TextEncoder().encode(text));
  const body = toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
  return id === '' ? body : `${id}.${body}`;
}

/** Throws where its key is not among those at hand, or it was sealed for something else. */
export async function open(keys: Keys, purpose: string, sealed: string): Promise<string> {
  const { id, body } = partsOf(sealed);
  const key = await keyOf(keys, id);
  if (!key) throw new Error('a secret is sealed with a key that is not at hand: see OTHER_SECRETS_KEYS');
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  const iv = bytes.slice(0, IV_BYTES);
  const text = await crypto.subtle.decrypt(algorithm(iv, purpose), key, bytes.slice(IV_BYTES));
  return new TextDecoder().decode(text);
}

/** Whether it was sealed with the key that seals now. */
export async function isCurrent(keys: Keys, sealed: string): Promise<boolean> {
  return partsOf(sealed).id === (await sealingKey(keys)).id;
}

function partsOf(sealed: string): { id: string; body: string } {
  const dot = sealed.indexOf('.');
  return dot < 0 ? { id: '', body: sealed } : { id: sealed.slice(0, dot), body: sealed.slice(dot + 1) };
}

function sealingKey({ ID_SECRET, SECRETS_KEY }: Keys): Promise<Key> {
  return SECRETS_KEY ? derived(SECRETS_KEY, true) : derived(ID_SECRET, false);
}

async function keyOf(keys: Keys, id: string): Promise<CryptoKey | undefined> {
  if (id === '') return (await derived(keys.ID_SECRET, false)).key;
  const others = (keys.OTHER_SECRETS_KEYS ?? '').split(',').map((key) => key.trim());
  const all = [keys.SECRETS_KEY ?? '', ...others].filter((key) => key !== '');
  const known = await Promise.all(all.map((key) => derived(key, true)));
  return known.find((key) => key.id === id)?.key;
}

/** A few at most: those of this deployment. Keys, not their promises: one request must not wait for another's. */
const keysByText = new Map<string, Key>();

async function derived(text: string, isOwn: boolean): Promise<Key> {
  const name = `${isOwn}:${text}`;
  const known = keysByText.get(name);
  if (known !== undefined) return known;
  const key = await derive(text, isOwn);
  keysByText.set(name, key);
  return key;
}

async function derive(text: string, isOwn: boolean): Promise<Key> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(text), 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
  const aes = { name: 'AES-GCM', length: 256 };
  const key = await crypto.subtle.deriveKey(hkdf('reflex channel secrets v1'), material, aes, false, [
    'encrypt',
    'decrypt',
  ]);
  if (!isOwn) return { id: '', key };
  const id = await crypto.subtle.deriveBits(hkdf('reflex secrets key id v1'), material, ID_BYTES * 8);
  return { id: [...new Uint8Array(id)].map((byte) => byte.toString(16).padStart(2, '0')).join(''), key };
}

function hkdf(info: string) {
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode(info) };
}

function algorithm(iv: Uint8Array<ArrayBuffer>, purpose: string) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(purpose) };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
