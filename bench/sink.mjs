/** Where webhooks arrive: answers 204 at once, and notes when each expected serial number came, and how often. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;

/**
 * @returns {Promise<{ url: string, reset(): void, expect(serial: number, dueAt: number): void,
 *   until(count: number, deadlineAt: number): Promise<void>,
 *   result(): { delivered: number, repeated: number, unexpected: number, latenciesMs: number[] } }>}
 */
export async function startSink() {
  let state = empty();
  const server = createServer(async (request, response) => {
    const body = (await request.setEncoding('utf8').toArray()).join('');
    const arrivedAt = performance.now();
    response.writeHead(204).end();
    note(state, serialOf(body), arrivedAt);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    reset: () => {
      state = empty();
    },
    expect: (serial, dueAt) => state.dueAt.set(serial, dueAt),
    until: async (count, deadlineAt) => {
      while (state.arrived.size < count && Date.now() < deadlineAt) await sleep(LOOK_AGAIN_MS);
    },
    result: () => ({
      delivered: state.arrived.size,
      repeated: state.repeated,
      unexpected: state.unexpected,
      latenciesMs: [...state.arrived.values()],
    }),
  };
}

function empty() {
  return { dueAt: new Map(), arrived: new Map(), repeated: 0, unexpected: 0 };
}

function note(state, serial, arrivedAt) {
  const dueAt = state.dueAt.get(serial);
  if (dueAt === undefined) state.unexpected += 1;
  else if (state.arrived.has(serial)) state.repeated += 1;
  else state.arrived.set(serial, arrivedAt - dueAt);
}

/** The nulls send the event as it came; Reflex sends what its template made of it, as text. */
function serialOf(body) {
  const { data, properties } = JSON.parse(body);
  return Number((data ?? properties)?.serial);
}
