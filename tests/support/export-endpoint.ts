/** An endpoint that the stream of exports tells. The verifier is the receiver's own library. */
import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';
import { consumeExport, exportDeps } from '../../src/dispatch/export-consumer.ts';
import type { ExportMessage } from '../../src/protocol/queue-messages.ts';
import { exportCallSchema } from '../../src/protocol/workspace-export-schema.ts';

export const ENDPOINT = 'https://warehouse.example.com/reflex';
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;

export interface Call {
  url: string;
  init: RequestInit;
  body: string;
  lines: ReturnType<typeof exportCallSchema.parse>['lines'];
}

/** The consumer with D1 as it is and an endpoint that answers so; its calls, each verified, and what becomes of the messages. */
export async function told(
  messages: unknown[],
  answer: () => Response = () => new Response(null, { status: 204 }),
  {
    attempts = 1,
    ...bindings
  }: { attempts?: number; EXPORT_WEBHOOK_URL?: string; ENVIRONMENT?: 'production' } = {},
) {
  const calls: Call[] = [];
  const fates: (string | undefined)[] = [];
  const alerts: object[] = [];
  const batch = messages.map((body) => ({
    body,
    attempts,
    ack: () => fates.push('ack'),
    retry: ({ delaySeconds }: { delaySeconds: number }) => fates.push(`retry in ${delaySeconds} s`),
  }));
  const settings = { EXPORT_WEBHOOK_URL: ENDPOINT, EXPORT_WEBHOOK_SECRET: SECRET, ...bindings };
  await consumeExport({ messages: batch } as unknown as MessageBatch<ExportMessage>, {
    ...exportDeps({ ...env, ...settings }),
    now: () => Math.floor(performance.timeOrigin + performance.now()),
    alert: (alert) => alerts.push(alert),
    fetch: async (url, init) => {
      const body = String(init.body);
      calls.push({ url, init, body, lines: JSON.parse(body).lines });
      return answer();
    },
  });
  for (const { body, init } of calls) {
    verify(body, Object.fromEntries(new Headers(init.headers)));
    exportCallSchema.parse(JSON.parse(body));
  }
  return { calls, fates, alerts };
}

/** The library reads the clock, which the tests hold still. */
function verify(body: string, headers: Record<string, string>): void {
  const heldAt = Date.now();
  vi.setSystemTime(Number(headers['webhook-timestamp']) * 1_000);
  try {
    new Webhook(SECRET).verify(body, headers);
  } finally {
    vi.setSystemTime(heldAt);
  }
}
