/** One run's processes: workerd with Reflex and the nulls, and the load generator; and how to drive and read them. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { seed } from '../scripts/seed-demo.mjs';
import { migrate } from '../scripts/server/migrate.mjs';
import { cpuTimeNs, openFiles } from './cpu-time.mjs';
import { startLoad } from './load-process.mjs';
import { pin } from './pin.mjs';
import { startBench } from './start-bench.mjs';
import { seedBench } from './triggers.mjs';

/** The descriptors of a process are limited, and each resident object holds three: beyond this the run is invalid. */
const MOST_OPEN_FILES = 18_000;
/** Until the last webhook's settlement has been written. */
const SETTLE_MS = 300;

/**
 * @param {{ stateDir: string, users: number, connections: number }} options
 * @param {{ inspected?: boolean, isPinned?: boolean }} [how]  pinned: workerd and the load each on a CPU of its own
 */
export async function openBench(options, { inspected = false, isPinned = true } = {}) {
  const load = await startLoad();
  const { runtime, pid, urls } = await startBench({ ...options, sinkUrl: load.sinkUrl, inspected });
  await migrate(await runtime.getD1Database('DB'));
  await seed({ url: urls.reflex, stateDir: options.stateDir, demo: true });
  const key = await seedBench(urls.reflex, load.sinkUrl);
  const pinned = isPinned && pin(pid, 0) && pin(load.pid, 1);
  return {
    pid,
    pinned,
    sinkUrl: load.sinkUrl,
    urls,
    key,
    /** Another system's, for rungs of that name. */
    addUrl: (worker, url) => {
      urls[worker] = url;
    },
    inspectorUrl: () => runtime.getInspectorURL(),
    run: (rung, order) => drive(load, urls, { ...options, key }, rung, order),
    /** CPU time of workerd's whole process that one request costs, in microseconds, until all that it fires is settled. */
    async cost(rung, order) {
      const before = cpuTimeNs(pid);
      const result = await drive(load, urls, { ...options, key }, rung, order);
      if (rung.delivers) await sleep(SETTLE_MS);
      const microseconds = (cpuTimeNs(pid) - before) / order.count / 1_000;
      const files = openFiles(pid);
      if (files >= MOST_OPEN_FILES)
        throw new Error(`${files} open descriptors; the run is valid below ${MOST_OPEN_FILES}.`);
      return { ...result, microseconds };
    },
    async close() {
      load.stop();
      await runtime.dispose();
      rmSync(options.stateDir, { recursive: true, force: true });
    },
  };
}

async function drive(load, urls, options, rung, order) {
  const { users, connections, key } = options;
  const result = await load.run({ users, connections, key, ...order, rung: rung.id, url: urls[rung.worker] });
  if (result.statuses[200] !== order.count) {
    const statuses = JSON.stringify(result.statuses);
    throw new Error(`${rung.title}: of ${order.count} requests not all were answered with 200: ${statuses}`);
  }
  if (rung.delivers && result.delivered !== order.count) {
    throw new Error(`${rung.title}: ${result.delivered} webhooks arrived of ${order.count}.`);
  }
  return result;
}
