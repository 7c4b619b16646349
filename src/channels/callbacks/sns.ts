/**
 * Amazon SNS, which brings SES's reports. It signs with a key whose certificate it names: that has to be SNS's own, in the
 * region of the topic, or anybody could bring one along. A signature says that it is SNS, not whose: so the topic has to be
 * the one in the channel's settings. Repeated for hours after an outage, so a day old is still taken; told twice is once.
 */
import { importX509 } from 'jose';
import type { JsonObject } from '../../engine/vocabulary.ts';
import type { CallbackDeps } from './callback.ts';
import { fromBase64 } from './proof.ts';

export interface SnsMessage {
  Type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  MessageId: string;
  TopicArn: string;
  Timestamp: string;
  Message: string;
  Signature: string;
  SignatureVersion: '1' | '2';
  SigningCertURL: string;
  Subject?: string;
  SubscribeURL?: string;
  Token?: string;
}

const MAX_AGE_MS = 24 * 3_600_000;
const MAX_AHEAD_MS = 5 * 60_000;
const TIMEOUT_MS = 5_000;
const MAX_CERTIFICATE_BYTES = 16 * 1024;
const MAX_KEPT = 20;

/** Certificates by address and hash: they change about once a year. Plain keys, safe to share between requests. */
const keys = new Map<string, CryptoKey>();

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];
const NEEDED = ['MessageId', 'TopicArn', 'Timestamp', 'Message', 'Signature', 'SigningCertURL'];

/** Null where it has not the form of one. */
export function snsMessage(json: JsonObject): SnsMessage | null {
  const isComplete =
    NEEDED.every((name) => typeof json[name] === 'string') &&
    TYPES.includes(String(json.Type)) &&
    (json.SignatureVersion === '1' || json.SignatureVersion === '2') &&
    ['Subject', 'SubscribeURL', 'Token'].every((name) => ['string', 'undefined'].includes(typeof json[name]));
  return isComplete ? (json as unknown as SnsMessage) : null;
}

export async function isFromSns(
  message: SnsMessage,
  topicArn: string,
  now: number,
  deps: CallbackDeps,
): Promise<boolean> {
  if (message.TopicArn !== topicArn) return false;
  const age = now - Date.parse(message.Timestamp);
  if (!(age <= MAX_AGE_MS && age >= -MAX_AHEAD_MS)) return false;
  const signature = fromBase64(message.Signature);
  const url = snsUrl(message.SigningCertURL, topicArn);
  if (!signature || !url || !/^\/[\w./-]+\.pem$/.test(url.pathname) || url.search !== '') return false;
  const hash = message.SignatureVersion === '1' ? 'SHA-1' : 'SHA-256';
  const key = await keyOf(url.href, hash, deps);
  const signed = new TextEncoder().encode(signedText(message));
  return key !== null && crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, signed);
}

/** SNS's own address in the topic's region, over https, with nothing else about it; null for any other. */
function snsUrl(text: string, topicArn: string): URL | null {
  const [, partition, region] = /^arn:(aws|aws-cn):sns:([a-z0-9-]{3,30}):\d{12}:/.exec(topicArn) ?? [];
  if (region === undefined || !URL.canParse(text)) return null;
  const url = new URL(text);
  const host = `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const isPlain = url.port === '' && url.username === '' && url.password === '' && url.hash === '';
  return url.protocol === 'https:' && url.hostname === host && isPlain ? url : null;
}

/** Asks SNS to send from now on. False where it is not SNS that would be asked, or it doesn't agree. */
export async function confirmSubscription(
  { SubscribeURL = '', TopicArn }: SnsMessage,
  deps: CallbackDeps,
): Promise<boolean> {
  const url = snsUrl(SubscribeURL, TopicArn);
  if (url?.pathname !== '/' || url.searchParams.get('Action') !== 'ConfirmSubscription') return false;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await deps.fetch(url.href, { redirect: 'manual', signal });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Names in alphabetical order, each with its value, a line each. */
function signedText(message: SnsMessage): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return (names as readonly (keyof SnsMessage)[])
    .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    .join('');
}

/** Null where it can't be had now; then the message is refused, and comes again. */
async function keyOf(url: string, hash: 'SHA-1' | 'SHA-256', deps: CallbackDeps): Promise<CryptoKey | null> {
  const name = `${hash} ${url}`;
  const known = keys.get(name);
  if (known) return known;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await deps.fetch(url, { redirect: 'manual', signal });
    if (response.status !== 200) return null;
    const certificate = await response.text();
    if (certificate.length > MAX_CERTIFICATE_BYTES) return null;
    const key = await keyIn(certificate, hash);
    if (keys.size >= MAX_KEPT) keys.clear();
    keys.set(name, key);
    return key;
  } catch {
    return null;
  }
}

/** WebCrypto reads no certificates, and jose reads them for SHA-256 alone. */
async function keyIn(certificate: string, hash: 'SHA-1' | 'SHA-256'): Promise<CryptoKey> {
  const key = (await importX509(certificate, 'RS256', { extractable: true })) as CryptoKey;
  const spki = (await crypto.subtle.exportKey('spki', key)) as ArrayBuffer;
  return crypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash }, false, ['verify']);
}
