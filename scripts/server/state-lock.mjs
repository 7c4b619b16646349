/**
 * One server per state directory: two of them would write the same SQLite files. `STATE_DIR/lock` holds the id of the
 * one that runs. A server that was killed leaves its lock behind, and the system gives process ids away again, so an
 * id counts only together with what runs under it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from './process-command.mjs';
import { StartError } from './start-error.mjs';

/**
 * @param {string} stateDir  made where it doesn't exist
 * @returns {() => void} releases the lock
 * @throws {StartError} while another server holds the directory
 */
export function lockState(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, 'lock');
  if (!create(path)) {
    const holder = readHolder(path);
    if (isServer(holder)) throw inUse(stateDir, holder);
    rmSync(path, { force: true });
    if (!create(path)) throw inUse(stateDir, readHolder(path));
  }
  return () => rmSync(path, { force: true });
}

function create(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** NaN where the lock went meanwhile, or was cut off by a crash. */
function readHolder(path) {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

/** In a container every server may get the same id: this process's own id in the lock is an earlier life's. */
function isServer(pid) {
  return pid !== process.pid && (commandOf(pid)?.includes('start.mjs') ?? false);
}

function inUse(stateDir, pid) {
  return new StartError(
    `${stateDir} is in use by a running server (process ${pid}); stop it, or name another STATE_DIR.`,
  );
}
