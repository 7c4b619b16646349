import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/**
 * Keeps a process, all its threads, on one CPU: moving between them costs time that is none of the program's. Where
 * there is one CPU only, or no `taskset`, everything runs wherever it may, with more spread.
 *
 * @returns {boolean} whether it is pinned
 */
export function pin(pid, cpu) {
  if (cpus().length < 2) return false;
  return spawnSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' }).status === 0;
}
