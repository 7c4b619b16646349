/** The webhook against a real HTTP server that behaves as badly as servers do. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it } from 'vitest';
import { sendDeps } from '../../tests/support/channel-kit.ts';
import type { OutgoingMessage } from './channel.ts';
import { createWebhookAdapter } from './webhook.ts';

const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
const message: OutgoingMessage = {
  id: 'msg_server',
  channel: 'webhook',
  trigger: 't',
  version: 1,
  variant: null,
  category: 'transactional',
  priority: 50,
  createdAt: 0,
  expiresAt: 1,
  user: { id: null, anonymousId: 'a1' },
  to: [],
  locale: 'ko',
  content: { data: '안녕' },
};
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

function sendTo(url: string, timeoutMs = 2_000) {
  const deps = sendDeps({ settings: { url }, secret: SECRET });
  return createWebhookAdapter({ timeoutMs }).send(message, deps);
}

it('delivers what the receiver can verify', async () => {
  const received: unknown[] = [];
  const url = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
      received.push(new Webhook(SECRET).verify(Buffer.concat(chunks), headers));
      response.end('ok');
    });
  });
  expect(await sendTo(url)).toEqual({ kind: 'accepted' });
  expect(received).toMatchObject([{ data: '안녕', user: { id: null, anonymousId: 'a1' } }]);
});

it('does not follow a redirect', async () => {
  const hits: string[] = [];
  const url = await listen((request, response) => {
    hits.push(String(request.url));
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await sendTo(url)).toEqual({ kind: 'rejected', scope: 'account', code: 'http_302' });
  expect(hits).toEqual(['/hook']);
});

it('gives up on a server that never answers', async () => {
  const url = await listen(() => {});
  expect(await sendTo(url, 50)).toEqual({ kind: 'unknown', code: 'timeout' });
});

it('reads no more than it needs of an endless answer', async () => {
  let written = 0;
  let isClosed: (value: unknown) => void = () => {};
  const closed = new Promise((resolve) => {
    isClosed = resolve;
  });
  const url = await listen((_, response) => {
    response.on('close', isClosed);
    const pour = () => {
      while (!response.destroyed) {
        written += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', pour);
      }
    };
    pour();
  });
  expect(await sendTo(url)).toEqual({ kind: 'accepted' });
  await closed;
  expect(written).toBeLessThan(50 * 1024 * 1024);
});

it('takes the status of an answer whose body stalls', async () => {
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('slow');
  });
  expect(await sendTo(url, 100)).toEqual({ kind: 'accepted' });
});

it('does not know what became of it where the connection is reset', async () => {
  const url = await listen((request) => request.socket.resetAndDestroy());
  expect(await sendTo(url)).toEqual({ kind: 'unknown', code: 'network_error' });
});

it('does not know what became of it where nobody listens', async () => {
  const url = await listen(() => {});
  const [server] = servers.splice(0);
  await new Promise((done) => server?.close(done));
  expect(await sendTo(url)).toEqual({ kind: 'unknown', code: 'network_error' });
});
