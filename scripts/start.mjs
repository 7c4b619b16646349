/**
 * `npm start`: the whole of Reflex on this machine, in workerd, without network. See `server/` for its parts.
 *
 * Settings come first, then the lock, then the port: a second start on the same directory is told that, not that its
 * port is busy. `ready` is printed when the demo is in place and the Worker has answered.
 */
import { refuseOldNode } from './server/node-version.mjs';

const refusal = refuseOldNode(process.versions.node);
if (refusal) {
  process.stderr.write(`${refusal}\n`);
  process.exit(1);
}

// Loaded only now: what it imports doesn't parse on an old Node.
const { serve } = await import('./server/serve.mjs');
await serve(process.env);
