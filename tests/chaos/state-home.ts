import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/**
 * A new directory for a server's state.
 * @param inMemory on a file system in memory, where there is one: a process that is killed loses nothing there that the
 *   system has taken, so that it proves as much, and spares the wait for the disk
 */
export function stateHome(name: string, inMemory: boolean): string {
  return mkdtempSync(join(inMemory && existsSync(MEMORY) ? MEMORY : tmpdir(), `reflex-${name}-`));
}
