/**
 * The providers. The webhook's verifies every call as Standard Webhooks says; the SMS's, at Twilio's path, takes every text as
 * a new one. Both remember all of it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

export interface SunkMessage {
  trigger: string;
  user: string;
  /** What the message is about: an order, a trial, an item. */
  ref: string;
  calls: number;
  /** Digests of the bodies that came under this key. */
  bodies: Set<string>;
  firstAt: number;
  lastAt: number;
}

export interface Sink {
  url: string;
  /** By idempotency key. */
  messages: Map<string, SunkMessage>;
  /** Where the SMS's provider listens. */
  textsUrl: string;
  /** The text, which says for whom and about what it is → how often it came. */
  texts: Map<string, number>;
  /** Calls whose signature, key or body was not what it should be. */
  refused: string[];
  close(): Promise<void>;
}

export async function openSink(secret: string): Promise<Sink> {
  const webhook = new Webhook(secret);
  const messages = new Map<string, SunkMessage>();
  const texts = new Map<string, number>();
  const refused: string[] = [];
  const takeText = (body: string) => {
    const text = new URLSearchParams(body).get('Body') ?? '';
    texts.set(text, (texts.get(text) ?? 0) + 1);
    return JSON.stringify({ sid: `SM${randomUUID().replaceAll('-', '')}`, status: 'queued' });
  };
  const take = (id: string | undefined, headers: Record<string, string>, body: string) => {
    const payload = webhook.verify(body, headers) as { message: { id: string }; data: SunkMessage };
    if (id !== payload.message.id)
      throw new Error(`the key ${id} is not the message's ${payload.message.id}`);
    const digest = createHash('sha256').update(body).digest('base64');
    const { trigger, user, ref } = payload.data;
    const now = Date.now();
    const known = messages.get(id) ?? {
      trigger,
      user,
      ref,
      calls: 0,
      bodies: new Set(),
      firstAt: now,
      lastAt: now,
    };
    known.calls++;
    known.lastAt = now;
    known.bodies.add(digest);
    messages.set(id, known);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    // A sender that is killed in the middle of its call has not called.
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      const body = Buffer.concat(chunks).toString('utf8');
      if (request.url?.startsWith('/2010-04-01/')) {
        response.writeHead(201, { 'content-type': 'application/json' }).end(takeText(body));
        return;
      }
      try {
        take(headers['webhook-id'], headers, body);
        response.writeHead(204).end();
      } catch (error) {
        refused.push(String(error));
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    url: `http://127.0.0.1:${address.port}/hooks`,
    textsUrl: `http://127.0.0.1:${address.port}`,
    messages,
    texts,
    refused,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
