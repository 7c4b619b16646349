/**
 * One server per state directory: two of them would write the same SQLite files.
 *
 * `STATE_DIR/lock` holds the ids of the server and of its runtime (workerd, a process of its own). A server that was
 * killed outright leaves both behind: the lock, and a runtime that nobody stops and that keeps port and files. The
 * next start on the directory ends that runtime first. As the system gives process ids away again, an id counts only
 * together with what runs under it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from './process-command.mjs';
import { StartError } from './start-error.mjs';

/**
 * @param {string} stateDir  made where it doesn't exist
 * @returns {Promise<{ noteRuntime(pid: number): void, release(): void }>}
 * @throws {StartError} while another server holds the directory
 */
export async function lockState(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, 'lock');
  if (!create(path)) {
    await clearAbandoned(path, stateDir);
    if (!create(path)) throw inUse(stateDir);
  }
  const held = { pid: process.pid };
  return {
    noteRuntime(pid) {
      held.runtimePid = pid;
      writeFileSync(path, JSON.stringify(held));
    },
    release: () => rmSync(path, { force: true }),
  };
}

function create(path) {
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

async function clearAbandoned(path, stateDir) {
  const { pid, runtimePid } = readLock(path);
  if (pid !== process.pid && commandOf(pid)?.includes('start.mjs')) throw inUse(stateDir, pid);
  if (commandOf(runtimePid)?.includes('workerd')) await end(runtimePid);
  rmSync(path, { force: true });
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Gone meanwhile, or cut off by a crash while it was written.
    return {};
  }
}

async function end(pid) {
  process.kill(pid, 'SIGKILL');
  for (let waitedMs = 0; waitedMs < 2_000 && commandOf(pid); waitedMs += 20) await sleep(20);
}

function inUse(stateDir, pid) {
  const who = pid ? ` (process ${pid})` : '';
  return new StartError(`${stateDir} is in use by a running server${who}; stop it, or name another STATE_DIR.`);
}
