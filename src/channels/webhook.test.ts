import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { sendDeps } from '../../tests/support/channel-kit.ts';
import type { OutgoingMessage } from './channel.ts';
import { webhookAdapter } from './webhook.ts';

const secret = (byte: number) => `whsec_${btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)))}`;
const NOW = Date.now();

const message: OutgoingMessage = {
  id: 'msg_1',
  channel: 'webhook',
  trigger: 'price-drop',
  version: 3,
  variant: null,
  category: 'marketing',
  priority: 50,
  createdAt: Date.UTC(2026, 10, 24, 1, 2, 3),
  expiresAt: Date.UTC(2026, 10, 25, 1, 2, 3),
  user: { id: 'u1', anonymousId: null },
  to: [],
  locale: 'ko',
  content: { data: { text: '실반지가 68,000원이 되었어요 💍', nested: [{ n: 1 }] } },
};

interface Call {
  url: string;
  init: RequestInit;
}

function sink(answer: () => Response | Promise<Response> = () => new Response(null, { status: 204 })) {
  const calls: Call[] = [];
  const deps = sendDeps({
    fetch: async (url, init) => {
      calls.push({ url, init });
      return answer();
    },
    now: () => NOW,
    settings: { url: 'https://shop.example.com/hook' },
    secret: secret(1),
    allowLoopback: false,
  });
  return { calls, deps };
}

const headersOf = (call: Call | undefined) => Object.fromEntries(new Headers(call?.init.headers));

describe('the webhook', () => {
  it('is accepted by an independent verifier', async () => {
    const { calls, deps } = sink();
    expect(await webhookAdapter.send(message, deps)).toEqual({ kind: 'accepted' });
    const [call] = calls;
    expect(call?.url).toBe('https://shop.example.com/hook');
    expect(call?.init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(headersOf(call)).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'msg_1' });
    expect(new Webhook(secret(1)).verify(String(call?.init.body), headersOf(call))).toEqual({
      type: 'reflex.message',
      timestamp: '2026-11-24T01:02:03.000Z',
      message: {
        id: 'msg_1',
        trigger: 'price-drop',
        version: 3,
        variant: null,
        category: 'marketing',
        createdAt: '2026-11-24T01:02:03.000Z',
        expiresAt: '2026-11-25T01:02:03.000Z',
      },
      user: { id: 'u1', anonymousId: null },
      data: { text: '실반지가 68,000원이 되었어요 💍', nested: [{ n: 1 }] },
    });
  });

  it('is refused by the verifier under another secret or with a changed byte', async () => {
    const { calls, deps } = sink();
    await webhookAdapter.send(message, deps);
    const body = String(calls[0]?.init.body);
    expect(() => new Webhook(secret(2)).verify(body, headersOf(calls[0]))).toThrow();
    expect(() => new Webhook(secret(1)).verify(`${body} `, headersOf(calls[0]))).toThrow();
  });

  it('is signed with both secrets while they rotate', async () => {
    const { calls, deps } = sink();
    await webhookAdapter.send(message, { ...deps, secret: `${secret(1)} ${secret(2)}` });
    const body = String(calls[0]?.init.body);
    expect(new Webhook(secret(1)).verify(body, headersOf(calls[0]))).toBeTruthy();
    expect(new Webhook(secret(2)).verify(body, headersOf(calls[0]))).toBeTruthy();
  });

  it('has the same id and the same bytes on every attempt, and a fresh timestamp', async () => {
    const { calls, deps } = sink(() => new Response('later', { status: 503 }));
    await webhookAdapter.send(message, deps);
    await webhookAdapter.send(structuredClone(message), { ...deps, now: () => NOW + 300_000 });
    expect(calls[1]?.init.body).toBe(calls[0]?.init.body);
    expect(headersOf(calls[1])['webhook-id']).toBe(headersOf(calls[0])['webhook-id']);
    expect(headersOf(calls[1])['webhook-timestamp']).not.toBe(headersOf(calls[0])['webhook-timestamp']);
  });

  it.each([
    [200, {}, { kind: 'accepted' }],
    [202, {}, { kind: 'accepted' }],
    [301, { location: 'https://evil.example.com' }, { kind: 'rejected', scope: 'account', code: 'http_301' }],
    [307, { location: 'http://127.0.0.1' }, { kind: 'rejected', scope: 'account', code: 'http_307' }],
    [400, {}, { kind: 'rejected', scope: 'message', code: 'http_400' }],
    [404, {}, { kind: 'rejected', scope: 'message', code: 'http_404' }],
    [410, {}, { kind: 'rejected', scope: 'account', code: 'http_410' }],
    [408, {}, { kind: 'retry', code: 'http_408' }],
    [429, { 'retry-after': '120' }, { kind: 'retry', afterMs: 120_000, code: 'http_429' }],
    [500, {}, { kind: 'retry', code: 'http_500' }],
    [503, { 'retry-after': new Date(NOW + 60_000).toUTCString() }, { kind: 'retry', code: 'http_503' }],
    [503, { 'retry-after': 'soon' }, { kind: 'retry', code: 'http_503' }],
  ])('answers %i %j with %j', async (status, headers, expected) => {
    const { deps } = sink(() => new Response(null, { status, headers: headers as Record<string, string> }));
    expect(await webhookAdapter.send(message, deps)).toMatchObject(expected);
  });

  it('is unknown where the connection broke', async () => {
    const { deps } = sink(() => Promise.reject(new TypeError('connection reset')));
    expect(await webhookAdapter.send(message, deps)).toEqual({ kind: 'unknown', code: 'network_error' });
  });

  it.each([
    ['a private address', { settings: { url: 'https://10.0.0.1/' } }, 'url_refused'],
    ['loopback in production', { settings: { url: 'http://127.0.0.1:1/' } }, 'url_refused'],
    ['no address', { settings: {} }, 'url_refused'],
    ['no secret', { secret: null }, 'secret_unusable'],
    ['a short secret', { secret: `whsec_${btoa('short')}` }, 'secret_unusable'],
    ['a secret that is no base64', { secret: 'whsec_§§§' }, 'secret_unusable'],
  ])('calls nobody with %s', async (_, change, code) => {
    const { calls, deps } = sink();
    const fetch = vi.fn(deps.fetch);
    expect(await webhookAdapter.send(message, { ...deps, fetch, ...change })).toEqual({
      kind: 'rejected',
      scope: 'account',
      code,
    });
    expect(fetch).not.toHaveBeenCalled();
    expect(calls).toEqual([]);
  });
});
