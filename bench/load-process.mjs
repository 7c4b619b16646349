import { fork } from 'node:child_process';

/**
 * The load generator, from its parent's side.
 * @returns {{ pid: number, burst(order: object): Promise<Record<string, number>>, stop(): void }} `burst` answers with how often
 *   each status came back, one burst at a time
 */
export function startLoad() {
  const child = fork(new URL('./load.mjs', import.meta.url));
  let waiting = { resolve: () => {}, reject: () => {} };
  child.on('message', ({ statuses }) => waiting.resolve(statuses));
  child.once('exit', (code) => waiting.reject(new Error(`The load generator ended with exit code ${code}.`)));
  return {
    pid: child.pid,
    burst: (order) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        child.send(order);
      }),
    stop: () => child.kill(),
  };
}
