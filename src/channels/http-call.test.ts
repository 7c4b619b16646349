/** What every provider's adapter does, shown on one of them (Resend) and on one that isn't idempotent (SOLAPI). */
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, EMAIL, PHONE, sendDeps } from '../../tests/support/channel-kit.ts';
import { callHttp } from './http-call.ts';
import { createProvider } from './provider.ts';
import { resendAdapter } from './resend.ts';
import { solapiAdapter } from './solapi.ts';

const message = aMessageFor('email', { subject: 's', html: 'h' }, { to: [EMAIL] });
const secret = 're_12345678';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer?: () => Answer) {
  const server = await captureServer(answer);
  closing.push(server.close);
  return server;
}

async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    onSocket(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** An address of this machine where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port));
  });
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

describe('a provider’s adapter', () => {
  it('comes again where no connection was made: nothing has been sent', async () => {
    const settings = { endpoint: await nobody() };
    expect(await resendAdapter.send(message, sendDeps({ settings, secret }))).toEqual({
      kind: 'retry',
      code: 'not_connected',
    });
  });

  it('does not know where the connection broke after the request', async () => {
    const settings = { endpoint: await listen((socket) => socket.on('data', () => socket.destroy())) };
    expect(await resendAdapter.send(message, sendDeps({ settings, secret }))).toEqual({
      kind: 'unknown',
      code: 'network_error',
    });
  });

  it('gives up in time', async () => {
    const url = await listen(() => {});
    const slow = createProvider({
      name: 'slow',
      capabilities: resendAdapter.capabilities,
      baseUrl: () => url,
      timeoutMs: 50,
      async send(_, call) {
        const answer = await callHttp({ url: call.baseUrl, headers: {} }, call);
        return answer.kind === 'lost' ? answer.result : { kind: 'accepted' };
      },
    });
    expect(await slow.send(message, sendDeps({ secret }))).toEqual({ kind: 'unknown', code: 'timeout' });
  });

  it('follows no redirect', async () => {
    const server = await serve(() => ({ status: 307, headers: { location: '/elsewhere' } }));
    const result = await resendAdapter.send(
      message,
      sendDeps({ settings: { endpoint: server.url }, secret }),
    );
    expect(result).toEqual({ kind: 'rejected', scope: 'account', code: 'http_307' });
    expect(server.requests).toHaveLength(1);
  });

  it('reads no more than it needs of an endless answer', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 16_384;
        controller.enqueue(new Uint8Array(16_384).fill(97));
      },
    });
    const deps = sendDeps({ fetch: async () => new Response(endless, { status: 422 }), secret });
    expect(await resendAdapter.send(message, deps)).toEqual({
      kind: 'rejected',
      scope: 'message',
      code: 'http_422',
    });
    expect(sent).toBeLessThan(200_000);
  });

  it('calls the provider’s own address, unless development names another', async () => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return new Response('{"id":"1"}');
    };
    const settings = { endpoint: 'http://127.0.0.1:4010' };
    await resendAdapter.send(message, sendDeps({ fetch, secret }));
    await resendAdapter.send(message, sendDeps({ fetch, secret, settings }));
    expect(urls).toEqual(['https://api.resend.com/emails', 'http://127.0.0.1:4010/emails']);
  });

  it.each([
    ['in production', 'http://127.0.0.1:4010', false],
    ['of another machine', 'https://evil.example.com', true],
    ['of another machine that looks like this one', 'http://127.0.0.1.evil.example.com', true],
    ['with a user', 'http://127.0.0.1@evil.example.com/', true],
  ])('is given no other address %s', async (_, endpoint, allowLoopback) => {
    const fetch = async () => expect.unreachable();
    const deps = sendDeps({ fetch, secret, settings: { endpoint }, allowLoopback });
    expect(await resendAdapter.send(message, deps)).toMatchObject({
      scope: 'account',
      code: 'endpoint_refused',
    });
  });

  it('says nothing without a secret', async () => {
    const fetch = async () => expect.unreachable();
    expect(await resendAdapter.send(message, sendDeps({ fetch }))).toMatchObject({
      scope: 'account',
      code: 'secret_missing',
    });
  });

  it.each([
    ['sms', 'a'.repeat(91), 'text_too_long'],
    ['sms', '가'.repeat(46), 'text_too_long'],
    ['lms', '가'.repeat(1_001), 'text_too_long'],
  ] as const)('refuses a text over what the carrier takes: %s', async (channel, text, code) => {
    const fetch = async () => expect.unreachable();
    const long = aMessageFor(channel, { text }, { to: [PHONE] });
    expect(await solapiAdapter.send(long, sendDeps({ fetch, secret: 'x' }))).toEqual({
      kind: 'rejected',
      scope: 'message',
      code,
    });
  });

  it('repeats neither the address nor the secret in what it answers', async () => {
    const body = { name: 'x', message: `no: someone@example.com ${secret}` };
    for (const status of [400, 401, 403, 422, 429, 500]) {
      const server = await serve(() => ({ status, body: { ...body, name: body.message } }));
      const deps = sendDeps({ settings: { endpoint: server.url }, secret });
      const result = JSON.stringify(await resendAdapter.send(message, deps));
      expect(result).not.toContain('someone');
      expect(result).not.toContain(secret);
    }
  });
});
