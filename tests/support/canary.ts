/** Something on this machine that must never be called: it listens on every address of it, and remembers who came. */
import { createServer, type Socket } from 'node:net';

export interface Canary {
  port: number;
  /** What each caller began with. */
  callers: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startCanary(): Promise<Canary> {
  const callers: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const at = callers.push('') - 1;
    sockets.add(socket);
    // A connection is a call, whether or not TLS gets any further.
    socket.on('data', (bytes) => {
      callers[at] += bytes.toString('latin1').slice(0, 200);
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the canary has no port');
  return {
    port: address.port,
    callers,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
