/** Nothing acknowledged is lost: neither when the process is killed outright, again and again, nor when too much comes. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BACKEND_HEADERS } from '../chaos/campaign.ts';
import { PatientClient } from '../chaos/client.ts';
import { type CrashRun, startCrashRun } from '../chaos/crash-run.ts';
import { readProfiles } from '../chaos/stored-profiles.ts';
import { apiOf } from '../support/api.ts';
import { startServer } from '../support/start-server.ts';

const SEED = 20_261_124;

let fire: CrashRun;
beforeAll(async () => {
  fire = await startCrashRun({ seed: SEED, kills: 20, events: 4_000, users: 200, inMemory: true });
}, 180_000);
afterAll(() => fire?.[Symbol.asyncDispose]());

/** In the half minute in which the leases of the killed senders run out. */
it('more than a server takes on at once is 503 with the time to wait; who waits is served, and everything is counted once', async () => {
  const server = await startServer({ env: { MAX_REQUESTS_UNDER_WAY: '16' } });
  const client = new PatientClient(server.url, { maxSockets: 600 });
  const send = async (index: number, refusals: (string | null)[]) => {
    const batch = Array.from({ length: 20 }, (_, at) => ({
      type: 'track',
      event: 'Seen',
      userId: `user-${(index + at) % 100}`,
      messageId: `burst-${index}-${at}`,
    }));
    for (;;) {
      const reply = await client.send('POST', '/v1/batch', BACKEND_HEADERS, JSON.stringify({ batch }));
      if (reply?.status === 200) return batch.map(({ messageId }) => messageId);
      // No answer in time is no answer: sent again, it is counted once.
      if (!reply) continue;
      expect(reply).toMatchObject({ status: 503, body: expect.stringContaining('"overloaded"') });
      refusals.push(reply.retryAfter ?? null);
    }
  };
  try {
    const refusals: (string | null)[] = [];
    const sending = Promise.all(Array.from({ length: 600 }, (_, index) => send(index, refusals)));
    // Whoever looks after the server gets through.
    expect((await apiOf(server).stranger('GET', '/health')).status).toBe(200);
    expect((await apiOf(server).admin('GET', 'triggers')).status).toBe(200);
    const acknowledged = (await sending).flat();
    expect(refusals.length).toBeGreaterThan(0);
    for (const seconds of refusals) expect(seconds).toMatch(/^[123]$/);
    await server.end('SIGTERM');
    const counted = readProfiles(server.stateDir).flatMap(({ messageIds }) => messageIds);
    expect(counted.sort()).toEqual(acknowledged.sort());
  } finally {
    client.close();
    await server[Symbol.asyncDispose]();
    rmSync(server.stateDir, { recursive: true, force: true });
  }
}, 60_000);

it('after 20 kills over 4,000 events each event is counted once, and each due message has come under one key', async () => {
  const { violations, summary } = await fire.settled();
  expect(violations, summary).toEqual([]);
}, 240_000);
