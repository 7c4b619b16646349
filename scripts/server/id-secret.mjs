import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret that turns users' ids into object names. Made at the first start and kept: with another one every
 * profile of the directory would be lost.
 */
export function readOrMakeIdSecret(stateDir) {
  const path = join(stateDir, 'id-secret');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const secret = randomBytes(32).toString('hex');
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flush: true });
  return secret;
}
