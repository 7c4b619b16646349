import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * The command line of a running process; undefined where there is none. Zombies have none.
 * @param {number | undefined} pid
 * @returns {string | undefined}
 */
export function commandOf(pid) {
  if (!Number.isInteger(pid)) return undefined;
  // Slim Linux images have no `ps`; other systems have no /proc.
  const text = existsSync('/proc/self/cmdline') ? fromProc(pid) : fromPs(pid);
  return text === '' ? undefined : text;
}

function fromProc(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function fromPs(pid) {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
