import { createServer } from 'node:net';
import { StartError } from './start-error.mjs';

/** @throws {StartError} where something listens on the port, or the port may not be used */
export async function requireFreePort(port) {
  const probe = createServer();
  try {
    await new Promise((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
    });
  } catch (error) {
    throw new StartError(
      error.code === 'EADDRINUSE'
        ? `Port ${port} is in use by another program; stop it, or choose a port: PORT=${port + 1} npm start`
        : `Port ${port} can't be used: ${error.message}`,
    );
  }
  await new Promise((resolve) => probe.close(resolve));
}
