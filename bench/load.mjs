/**
 * The load generator: a process of its own, so that its cost is not counted. It takes orders from its parent, sends a
 * bounded number of requests to a loopback address over kept connections, and answers with what came back.
 */
import { Agent, request } from 'node:http';
import { bodyOf, RUNGS } from './rungs.mjs';

/** Stops a burst that a hanging server would keep alive. */
const LONGEST_BURST_MS = 60_000;

const HEADERS = {
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from('wk_dev:').toString('base64')}`,
};

const ACCEPTED = '{"success":true}';

let serial = 0;

process.on('message', async ({ rung, url, count, users, connections }) => {
  const { path } = RUNGS.find(({ id }) => id === rung);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const deadlineAt = Date.now() + LONGEST_BURST_MS;
  let left = count;
  const statuses = {};
  const worker = async () => {
    while (left-- > 0 && Date.now() < deadlineAt) {
      const user = `bench-user-${serial++ % users}`;
      const status = await post(agent, url + path(user), bodyOf(user, serial, Date.now()));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  process.send({ statuses });
});

function post(agent, target, body) {
  const { hostname } = new URL(target);
  if (hostname !== '127.0.0.1') throw new Error(`${target} is not on this machine.`);
  return new Promise((resolve) => {
    const sent = request(target, { method: 'POST', agent, headers: HEADERS }, async (response) => {
      // An event that was refused alone is answered with 200, too.
      const answer = (await response.setEncoding('utf8').toArray()).join('');
      resolve(response.statusCode === 200 && answer !== ACCEPTED ? 'rejected' : response.statusCode);
    });
    sent.once('error', (error) => resolve(error.code));
    sent.end(body);
  });
}
