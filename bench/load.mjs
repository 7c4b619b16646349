/**
 * The load generator and the sink: a process of its own, so that their cost is not counted. It takes orders from its
 * parent, sends a bounded number of requests to a loopback address over kept connections, and answers with what came
 * back and, where the requests fire webhooks, with what arrived.
 *
 *     burst   so many requests as fast as so many connections take them
 *     paced   so many requests a second, each at its time by the clock, whether or not earlier ones were answered
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { rungOf } from './rungs.mjs';
import { startSink } from './sink.mjs';

/** Stops what a hanging server would keep alive. */
const LONGEST_ORDER_MS = 90_000;

const headersWith = (key) => ({
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
});

const ACCEPTED = '{"success":true}';

const sink = await startSink();
let serial = 0;

process.on('message', async (order) => {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const run = {
    order,
    rung: rungOf(order.rung),
    agent,
    headers: headersWith(order.key),
    statuses: {},
    deadlineAt: Date.now() + LONGEST_ORDER_MS,
  };
  sink.reset();
  const startedAt = performance.now();
  await (order.perSecond ? paced(run) : burst(run));
  const answeredMs = performance.now() - startedAt;
  if (run.rung.delivers) await sink.until(order.count, run.deadlineAt);
  const deliveredMs = performance.now() - startedAt;
  agent.destroy();
  process.send({ statuses: run.statuses, answeredMs, deliveredMs, ...sink.result() });
});
process.send({ sinkUrl: sink.url });

async function burst(run) {
  let left = run.order.count;
  const connection = async () => {
    while (left-- > 0 && Date.now() < run.deadlineAt) await sendNext(run, performance.now());
  };
  await Promise.all(Array.from({ length: run.order.connections }, connection));
}

/** Latency counts from the time that a request was due, so that a stall hides none of those that it held up. */
async function paced(run) {
  const { count, perSecond } = run.order;
  const startedAt = performance.now();
  const answers = [];
  for (let i = 0; i < count && Date.now() < run.deadlineAt; i++) {
    const dueAt = startedAt + (i * 1_000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    answers.push(sendNext(run, dueAt));
  }
  await Promise.all(answers);
}

async function sendNext(run, dueAt) {
  const { order, rung, statuses } = run;
  const number = serial++;
  const user = `bench-${order.group ?? 'user'}-${number % order.users}`;
  if (rung.delivers) sink.expect(number, dueAt);
  const status = await post(run, order.url + rung.path(user), rung.body(user, number, Date.now(), order));
  statuses[status] = (statuses[status] ?? 0) + 1;
}

function post({ agent, headers }, target, body) {
  const { hostname } = new URL(target);
  if (hostname !== '127.0.0.1') throw new Error(`${target} is not on this machine.`);
  return new Promise((resolve) => {
    const sent = request(target, { method: 'POST', agent, headers }, async (response) => {
      // An event that was refused alone is answered with 200, too.
      const answer = (await response.setEncoding('utf8').toArray()).join('');
      resolve(response.statusCode === 200 && answer !== ACCEPTED ? 'rejected' : response.statusCode);
    });
    sent.once('error', (error) => resolve(error.code));
    sent.end(body);
  });
}
