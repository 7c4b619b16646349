/**
 * Does an endpoint that hangs slow the others? The real dispatch consumer and the real webhook adapter call two endpoints on this
 * machine, fed by a queue that hands out one batch at a time, the hardest case: whatever a batch waits for, the next one
 * waits for too. Profiles, D1 and the limiter are stood in for by memory; the limiter decides as the real one does.
 *
 * Each round runs twice, alike in load: once with both endpoints well, once with A accepting connections and never answering.
 * What is measured is B alone: from a message's entry into the queue to its settlement.
 *
 *     npm run bench:isolation -- [--seconds 30] [--rounds 3] [--healthy 50] [--hanging 10]
 */
import { createServer } from 'node:http';
import { createWebhookAdapter } from '../src/channels/webhook.ts';
import { consumeDispatch } from '../src/dispatch/dispatch-consumer.ts';
import { emptyMemory } from '../src/dispatch/dispatch-deps.ts';
import { DEFAULT_POLICIES } from '../src/engine/documents.ts';
import { lease, noLimits } from '../src/engine/limits/lease.ts';
import { isolationOptions } from './isolation-options.mjs';

const BATCH = 10;
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const TEMPLATE = {
  id: 't',
  defaultLocale: 'en',
  locales: { en: { webhook: { data: { n: '{{event.n}}' } }, email: { subject: 's', text: '{{event.n}}' } } },
};

const options = isolationOptions(process.argv.slice(2));
const healthy = await listen((_request, response) => response.writeHead(204).end());
const hanging = await listen(() => {});
// Code and connections are warm before anything is counted.
await run({ A: healthy.url, B: healthy.url }, 2);
const runs = [];
for (let round = 0; round < options.rounds; round++) {
  const well = await run({ A: healthy.url, B: healthy.url });
  const hung = await run({ A: hanging.url, B: healthy.url });
  runs.push({ well, hung, ratio: hung.p99 / well.p99 });
  console.log(line(`round ${round + 1}, both well`, well));
  console.log(line(`round ${round + 1}, A hangs`, hung), `B's p99 × ${(hung.p99 / well.p99).toFixed(2)}`);
}
const ratio = runs.map((one) => one.ratio).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
console.log(`median ratio of B's p99: ${ratio.toFixed(2)} (target ≤ 2: ${ratio <= 2 ? 'met' : 'missed'})`);
healthy.close();
hanging.close();
process.exit(runs.every(({ hung }) => hung.lost === 0) ? 0 : 1);

function line(name, { n, p50, p99, max, lost, callsA }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  return `${name}: B ${n} messages, p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}, lost ${lost}; A called ${callsA} times;`;
}

/** One open-loop run. The channel `webhook` goes to A, `email` to B. */
async function run(urls, seconds = options.seconds) {
  const queue = [];
  const messages = new Map();
  const latencies = [];
  const behind = new Set();
  const state = { callsA: 0, isOver: false };
  const deps = dispatchDeps(urls, messages, latencies, state, (id, afterMs) => {
    setTimeout(() => state.isOver || queue.push(id), afterMs);
  });
  const consumer = (async () => {
    while (!state.isOver) {
      const ids = queue.splice(0, BATCH);
      if (ids.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      else {
        await consumeDispatch(batchOf(ids), {}, deps, (work) => {
          behind.add(work);
          work.finally(() => behind.delete(work));
        });
      }
    }
  })();
  const started = performance.now();
  const total = { A: options.hanging * seconds, B: options.healthy * seconds };
  const sent = { A: 0, B: 0 };
  while (performance.now() - started < seconds * 1000) {
    const share = (performance.now() - started) / (seconds * 1000);
    for (const to of ['A', 'B']) {
      while (sent[to] < share * total[to]) {
        const id = `${to}${sent[to]++}`;
        messages.set(id, { to, enteredAt: performance.now(), attempts: 0 });
        queue.push(id);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  state.isOver = true;
  await consumer;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
  return {
    n: latencies.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    lost: sent.B - latencies.length,
    callsA: state.callsA,
  };
}

function dispatchDeps(urls, messages, latencies, state, again) {
  const adapter = createWebhookAdapter();
  const limiters = new Map();
  return {
    profile: () => ({
      claim: async (id) => ({
        kind: 'claimed',
        attempt: ++messages.get(id).attempts,
        message: inputOf(id, messages),
      }),
      settle: async (id, settlement) => {
        const message = messages.get(id);
        if (settlement.kind !== 'retry') {
          if (message.to === 'B') latencies.push(performance.now() - message.enteredAt);
          return;
        }
        if (settlement.untried) message.attempts -= 1;
        again(id, settlement.afterMs);
      },
    }),
    documents: {
      config: async () => ({ channels: new Map(), policies: DEFAULT_POLICIES }),
      template: async () => TEMPLATE,
      secret: async () => SECRET,
    },
    deliveries: { read: async () => null, record: async () => {}, reopen: async () => {} },
    route: (channel) => ({ adapter, settings: { url: channel === 'webhook' ? urls.A : urls.B, channel } }),
    limiter: (name) => ({
      lease: async (request) => {
        const { limits, result } = lease(limiters.get(name) ?? noLimits(Date.now()), request, Date.now());
        limiters.set(name, limits);
        return result;
      },
    }),
    fetch: (url, init) => {
      if (url === urls.A && urls.A !== urls.B) state.callsA += 1;
      return fetch(url, init);
    },
    memory: emptyMemory(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    alert: () => {},
    now: () => Date.now(),
    isDevelopment: true,
  };
}

function inputOf(id, messages) {
  return {
    messageId: id,
    trigger: 'bench',
    version: 1,
    variant: null,
    channel: messages.get(id).to === 'A' ? 'webhook' : 'email',
    category: 'transactional',
    template: { id: 't', version: 1 },
    locale: 'en',
    values: { event: { n: id } },
    createdAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    priority: 50,
  };
}

function batchOf(ids) {
  const messages = ids.map((messageId) => ({
    attempts: 1,
    body: { v: 1, kind: 'message', profile: 'p', messageId },
    ack() {},
    retry() {},
  }));
  return { queue: 'reflex-dispatch', messages };
}

async function listen(handle) {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
