import { fork } from 'node:child_process';

/**
 * @typedef {object} LoadResult
 * @property {Record<string, number>} statuses  how often each status came back
 * @property {number} answeredMs   until the last answer
 * @property {number} deliveredMs  until the last webhook that was awaited
 * @property {number} delivered    webhooks that arrived, each counted once
 * @property {number} repeated     webhooks that arrived again
 * @property {number} unexpected   webhooks of an earlier order
 * @property {number[]} latenciesMs  of each webhook, from the time that its event was due to be sent
 */

/**
 * The load generator with its sink, from its parent's side.
 * @returns {Promise<{ pid: number, sinkUrl: string, run(order: object): Promise<LoadResult>, stop(): void }>} one order at
 *   a time
 */
export async function startLoad() {
  const child = fork(new URL('./load.mjs', import.meta.url));
  let waiting = { resolve: () => {}, reject: () => {} };
  const answer = () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  child.on('message', (message) => waiting.resolve(message));
  child.once('exit', (code) => waiting.reject(new Error(`The load generator ended with exit code ${code}.`)));
  const { sinkUrl } = await answer();
  return {
    pid: child.pid,
    sinkUrl,
    run: (order) => {
      const result = answer();
      child.send(order);
      return result;
    },
    stop: () => child.kill(),
  };
}
