/**
 * A client that never gives up: the same bytes again until they are acknowledged, over a connection that it keeps, whatever
 * becomes of the server meanwhile. What it can't be blamed for (no connection, a cut answer, 429, 5xx) comes again; any
 * other answer but 200 is a fault of the product, or of the plan.
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Acknowledged {
  /** Wall clock, in milliseconds. */
  firstSentAt: number;
  acknowledgedAt: number;
  attempts: number;
  body: string;
}

export interface Reply {
  status: number;
  body: string;
  retryAfter: string | null;
}

const AGAIN_AFTER_MS = 4;
const SILENT_AFTER_MS = 15_000;

export class PatientClient {
  readonly #origin: URL;
  readonly #agent: Agent;
  /** Told before each attempt. */
  readonly #onSend: () => void;

  constructor(url: string, { maxSockets = 4, onSend = () => {} } = {}) {
    this.#origin = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets });
    if (this.#origin.hostname !== '127.0.0.1') throw new Error(`${url} is not on this machine.`);
    this.#onSend = onSend;
  }

  /** Throws where the answer is one that no retry changes. */
  async deliver(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: unknown,
  ): Promise<Acknowledged> {
    const text = JSON.stringify(body);
    const firstSentAt = wallClock();
    for (let attempts = 1; ; attempts++) {
      this.#onSend();
      const reply = await this.send(method, path, headers, text);
      if (reply?.status === 200) {
        return { firstSentAt, acknowledgedAt: wallClock(), attempts, body: reply.body };
      }
      if (reply && reply.status !== 429 && reply.status < 500) {
        throw new Error(`${method} ${path} was answered with ${reply.status}: ${reply.body}`);
      }
      await sleep(AGAIN_AFTER_MS);
    }
  }

  /** One attempt; null where the connection failed or the answer was cut off. */
  send(method: string, path: string, headers: Record<string, string>, text: string): Promise<Reply | null> {
    const { hostname, port } = this.#origin;
    return new Promise((resolve) => {
      const options = { agent: this.#agent, hostname, port, method, path, headers, timeout: SILENT_AFTER_MS };
      const sent = request(options, (response) => {
        const chunks: string[] = [];
        response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: chunks.join(''),
            retryAfter: response.headers['retry-after'] ?? null,
          }),
        );
        // A connection that breaks in the middle of an answer ends without `end`.
        response.once('close', () => resolve(null));
      });
      sent.once('error', () => resolve(null));
      sent.once('timeout', () => sent.destroy());
      sent.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Finer than `Date.now()`, and comparable with the clocks of other processes of this machine. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
