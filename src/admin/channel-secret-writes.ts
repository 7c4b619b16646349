/** A channel's two secrets: the one that it sends with, and the one by which its provider's callbacks are known. */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { RequestContext } from '../http/route.ts';
import { callbackPath, callbackToken } from '../protocol/callback-token.ts';
import { callbackOf, secretIs } from '../protocol/provider-schemas.ts';
import {
  callbackOfChannel,
  hasChannelSecret,
  putChannelSecret,
  readChannelSecret,
} from '../store/channel-secrets.ts';
import { strayReports } from '../store/delivery-reports.ts';
import type { StoredDocument } from '../store/stored-document.ts';
import { unprocessable } from './request-document.ts';

type Context = Pick<RequestContext, 'env' | 'now'>;

/** A secret that isn't named stays, unless it was another provider's. Only the log sends without. */
export async function secretWritesOf(
  context: Context,
  before: StoredDocument | null,
  document: JsonObject,
  { secret, callbackSecret }: { secret: unknown; callbackSecret: unknown },
): Promise<D1PreparedStatement[]> {
  const { env, now } = context;
  const id = String(document.id);
  const isSameProvider = before?.document.provider === document.provider;
  return [
    ...(await sendingSecretWrites(context, document, isSameProvider, secret)),
    ...(callbackSecret === undefined && isSameProvider
      ? []
      : [await putChannelSecret(env, callbackOfChannel(id), textOrNull(callbackSecret), now)]),
  ];
}

async function sendingSecretWrites(
  { env, now }: Context,
  document: JsonObject,
  isSameProvider: boolean,
  secret: unknown,
): Promise<D1PreparedStatement[]> {
  const id = String(document.id);
  if (typeof secret === 'string') return [await putChannelSecret(env, id, secret, now)];
  const isKept = secret !== null && isSameProvider;
  const needed = secretIs(String(document.provider));
  if (needed !== null && !(isKept && (await hasChannelSecret(env, id)))) {
    throw unprocessable('channel', [{ path: 'secret', message: `is missing; expected ${needed}` }]);
  }
  return isKept ? [] : [await putChannelSecret(env, id, null, now)];
}

export async function forgetSecrets({ env, now }: Context, id: string): Promise<D1PreparedStatement[]> {
  return [
    await putChannelSecret(env, id, null, now),
    await putChannelSecret(env, callbackOfChannel(id), null, now),
  ];
}

/** What a channel's document says of them when it is read. */
export async function secretOf(
  context: Context,
  { kind, id, document }: StoredDocument,
): Promise<{ hasSecret?: boolean; callback?: JsonObject }> {
  if (kind !== 'channel') return {};
  const { env, now } = context;
  const provider = String(document.provider);
  const hasSecret = await hasChannelSecret(env, id);
  const callback = callbackOf(provider);
  if (!callback) return { hasSecret };
  const secret = await readChannelSecret(env, callbackOfChannel(id));
  const token = callback.hasToken && secret !== null ? await callbackToken(env, provider, secret) : null;
  return {
    hasSecret,
    callback: {
      path: callbackPath(provider, token),
      hasSecret: secret !== null,
      strays: await strayReports(env.DB, provider, now),
    },
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
