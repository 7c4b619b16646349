/** Browsers' ends of web push: the server of `web-push-testing`, which decrypts what it gets as a browser would. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';

export interface PushBrowser {
  url: string;
  /** The subscription as a page would send it to us; its requests have to be sent to `url` instead. */
  subscribe(
    publicKey: string,
  ): Promise<{ endpoint: string; keys: { p256dh: string; auth: string }; hash: string }>;
  unsubscribe(hash: string): Promise<void>;
  /** What the page's service worker got. */
  received(hash: string): Promise<unknown[]>;
  close(): void;
}

const SCRIPT = new URL('../../node_modules/web-push-testing/src/bin/server.js', import.meta.url);

export async function startPushBrowser(): Promise<PushBrowser> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options: SpawnOptions = { stdio: ['ignore', 'pipe', 'ignore'] };
  const server: ChildProcess = spawn(process.execPath, [SCRIPT.pathname, String(port)], options);
  await new Promise((done) => server.stdout?.once('data', done));
  const post = async (path: string, body: unknown = {}) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.headers.get('content-type')?.includes('json') ? response.json() : null;
  };
  return {
    url,
    async subscribe(publicKey) {
      const { data } = (await post('/subscribe', { applicationServerKey: publicKey })) as {
        data: { clientHash: string; keys: { p256dh: string; auth: string } };
      };
      const endpoint = `https://push.example.com/notify/${data.clientHash}`;
      return { endpoint, keys: data.keys, hash: data.clientHash };
    },
    async unsubscribe(hash) {
      await post(`/expire-subscription/${hash}`);
    },
    async received(hash) {
      const answer = (await post('/get-notifications', { clientHash: hash })) as {
        data?: { messages: string[] };
      };
      return (answer.data?.messages ?? []).map((text) => JSON.parse(text));
    },
    close: () => server.kill(),
  };
}

/** A VAPID key pair, as base64url. */
export async function vapidKeys(): Promise<{ publicKey: string; privateKey: string }> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { x = '', y = '', d = '' } = await exportJWK(privateKey);
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { publicKey: point.toString('base64url'), privateKey: d };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((done) => {
    probe.listen(0, () => done((probe.address() as { port: number }).port));
  });
  await new Promise((done) => probe.close(done));
  return port;
}
