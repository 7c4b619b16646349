#!/usr/bin/env node
/**
 * Stands in for workerd where MINIFLARE_WORKERD_PATH names it: starts the real one with the configuration that it was
 * given, and starts it again at once whenever it ends, as a machine's supervisor would. The server above sees one runtime
 * that lives on, so that what is timed is workerd alone.
 *
 * Each start is a line of the file CHAOS_JOURNAL: `pid milliseconds`. While the file `CHAOS_JOURNAL.hold` exists, nothing
 * is started: what lies on disk can be looked at.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardRuntimes } from '../../scripts/server/runtime-guard.mjs';

// Miniflare's own one, wherever that stands.
const WORKERD = createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd').default;
const JOURNAL = process.env.CHAOS_JOURNAL;
const HELD_POLL_MS = 5;

const config = await buffer(process.stdin);
// Whoever kills this process outright means the runtime as well.
guardRuntimes();
for (;;) {
  while (existsSync(`${JOURNAL}.hold`)) await sleep(HELD_POLL_MS);
  await run();
}

async function run() {
  // Milliseconds of the wall clock with fractions, which other processes of this machine can compare with theirs.
  const spawnedAt = performance.timeOrigin + performance.now();
  const runtime = spawn(WORKERD, process.argv.slice(2), { stdio: ['pipe', 'inherit', 'inherit', 3] });
  runtime.stdin.on('error', () => {});
  runtime.stdin.end(config);
  appendFileSync(JOURNAL, `${runtime.pid} ${spawnedAt}\n`);
  await new Promise((resolve) => runtime.once('exit', resolve));
}
