import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

/**
 * workerd outlives a server that is killed outright, and would keep its port and its files. So each one that this
 * process starts gets a guard: a shell in a process group of its own that waits for the end of its input, which is the
 * end of this process however it comes, and then ends that workerd.
 *
 * Miniflare doesn't tell the ids of what it starts, nor that one has ended.
 * @param {{ onSpawn?: (pid: number) => void, onExit?: () => void }} [listeners]
 */
export function guardRuntimes({ onSpawn = () => {}, onExit = () => {} } = {}) {
  subscribe('child_process', ({ process: child }) => {
    child.once('spawn', () => {
      if (!child.spawnfile.includes('workerd')) return;
      guard(child);
      child.once('exit', onExit);
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
