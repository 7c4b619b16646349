/** The provider: verifies every call as Standard Webhooks says, takes it, and remembers all of it. */
import { createHash } from 'node:crypto';
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
  /** Calls whose signature, key or body was not what it should be. */
  refused: string[];
  close(): Promise<void>;
}

export async function openSink(secret: string): Promise<Sink> {
  const webhook = new Webhook(secret);
  const messages = new Map<string, SunkMessage>();
  const refused: string[] = [];
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
      try {
        take(headers['webhook-id'], headers, Buffer.concat(chunks).toString('utf8'));
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
    messages,
    refused,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
