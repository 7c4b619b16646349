/** An endpoint of somebody else's, on this machine: it keeps what it was sent, and answers as a test tells it. */
import { createServer } from 'node:http';

export interface ReceivedWebhook {
  path: string;
  headers: Record<string, string>;
  /** The bytes as they came. */
  body: string;
  at: number;
}

export interface HookAnswer {
  status: number;
  headers?: Record<string, string>;
}

/** `attempt` is 1 for the first time that this message comes. */
type Answering = (hook: ReceivedWebhook, attempt: number) => HookAnswer;

export interface WebhookReceiver {
  url: string;
  received: ReceivedWebhook[];
  close(): Promise<void>;
}

export async function receiveWebhooks(answer: Answering): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const hook: ReceivedWebhook = {
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
        at: Date.now(),
      };
      received.push(hook);
      const id = hook.headers['webhook-id'];
      const { status, headers } = answer(
        hook,
        received.filter((one) => one.headers['webhook-id'] === id).length,
      );
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
