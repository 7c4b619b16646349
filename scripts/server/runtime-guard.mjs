import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

/**
 * workerd outlives a server that is killed outright, and would keep its port and its files. So each one that this
 * process starts gets a guard: a shell in a process group of its own that waits for the end of its input, which is the
 * end of this process however it comes, and then ends that workerd.
 *
 * @param {(pid: number) => void} [onSpawn] Miniflare doesn't tell the ids of what it starts
 */
export function guardRuntimes(onSpawn = () => {}) {
  subscribe('child_process', ({ process: child }) => {
    child.once('spawn', () => {
      if (!child.spawnfile.includes('workerd')) return;
      guard(child);
      onSpawn(child.pid);
    });
  });
}

function guard(runtime) {
  const script = 'read -r _; kill -9 "$1" 2>/dev/null';
  const watch = spawn('sh', ['-c', script, 'sh', String(runtime.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Where there is no shell, there is no guard; all else works.
  watch.once('error', () => {});
  watch.unref();
  watch.stdin.unref();
  // Its id may soon be another process's.
  runtime.once('exit', () => watch.kill('SIGKILL'));
}
