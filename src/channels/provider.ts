/**
 * What all providers' adapters have in common: the checks before anything is sent, one deadline for everything that a
 * send does, and an address that only development may replace.
 */
import { eucKrBytes } from '../engine/send/euc-kr.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { checkPublicUrl } from '../protocol/public-address.ts';
import type { Capabilities, ChannelAdapter, OutgoingMessage, SendDeps, SendResult } from './channel.ts';

export interface Provider {
  name: string;
  capabilities: Capabilities;
  /** The provider's own address, without a slash at the end. */
  baseUrl(settings: SendDeps['settings']): string;
  /** Of the whole send; half of the lease that a message is sent under, unless the provider needs less. */
  timeoutMs?: number;
  send(message: OutgoingMessage, call: ProviderCall): Promise<SendResult>;
  lookUp?(message: OutgoingMessage, call: ProviderCall): Promise<SendResult | null>;
  reports?: ChannelAdapter['reports'];
  endpointOf?: ChannelAdapter['endpointOf'];
}

export interface ProviderCall extends Omit<SendDeps, 'secret'> {
  secret: string;
  baseUrl: string;
  /** Ends when the send has to be over. */
  signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;

export function createProvider(provider: Provider): ChannelAdapter {
  const { name, capabilities, lookUp, reports, endpointOf } = provider;
  return {
    provider: name,
    capabilities,
    idempotent: capabilities.idempotency !== 'none',
    keepsContent: false,
    ...(reports && { reports }),
    ...(endpointOf && { endpointOf }),
    async send(message, deps) {
      const refusal = refusalOf(message, capabilities);
      if (refusal) return refusal;
      const call = begin(provider, deps);
      return typeof call === 'string' ? account(call) : provider.send(message, call);
    },
    ...(lookUp && {
      async lookUp(message: OutgoingMessage, deps: SendDeps) {
        const call = begin(provider, deps);
        return typeof call === 'string' ? account(call) : lookUp(message, call);
      },
    }),
  };
}

export function account(code: string): SendResult {
  return { kind: 'rejected', scope: 'account', code };
}

export function refused(code: string): SendResult {
  return { kind: 'rejected', scope: 'message', code };
}

/** A setting that is text; the settings were checked when they were written, perhaps by an older build. */
export function textSetting(settings: SendDeps['settings'], name: string): string | undefined {
  const value = settings[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A text of the rendered content; null where there is none. */
export function textOf(content: JsonObject, field: string): string | undefined {
  const value = content[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What the message itself rules out, whatever the provider would say. */
function refusalOf(message: OutgoingMessage, { advertising, maxBytes }: Capabilities): SendResult | null {
  const mayAdvertise = typeof advertising === 'boolean' ? advertising : advertising.includes(message.channel);
  if (message.category === 'marketing' && !mayAdvertise) return refused('advertising_refused');
  const limit = maxBytes[message.channel];
  const text = textOf(message.content, 'text') ?? '';
  if (limit?.encoding === 'euc-kr' && eucKrBytes(text) > limit.bytes) return refused('text_too_long');
  return null;
}

/** Or the code of what is wrong with the settings. */
function begin({ baseUrl, timeoutMs = TIMEOUT_MS }: Provider, deps: SendDeps): ProviderCall | string {
  if (!deps.secret) return 'secret_missing';
  const endpoint = textSetting(deps.settings, 'endpoint');
  if (endpoint !== undefined && !isLoopback(endpoint, deps)) return 'endpoint_refused';
  return {
    ...deps,
    secret: deps.secret,
    baseUrl: (endpoint ?? baseUrl(deps.settings)).replace(/\/+$/, ''),
    signal: AbortSignal.timeout(timeoutMs),
  };
}

/** Of another machine it would be somebody who wants to read what is sent, and the secret with it. */
function isLoopback(endpoint: string, { allowLoopback }: SendDeps): boolean {
  return (
    allowLoopback &&
    checkPublicUrl(endpoint, { allowLoopback: true }).kind === 'allowed' &&
    /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/.test(endpoint)
  );
}
