/** One page of an app, on an origin of its own and under the strictest policy that still lets it load the SDK; with a service worker at `/sw.js` that imports Reflex's. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlainPage {
  url: string;
  close(): Promise<void>;
}

/**
 * @param reflex the origin of the running server: the only one that the page may talk to
 * @param policy null for a page that protects itself by nothing
 */
export async function servePlainPage(
  reflex: string,
  { policy = strictPolicy(reflex) }: { policy?: string | null } = {},
): Promise<PlainPage> {
  const server = createServer((request, response) => {
    const isWorker = request.url === '/sw.js';
    response.setHeader('content-type', `text/${isWorker ? 'javascript' : 'html'}; charset=utf-8`);
    if (policy) response.setHeader('content-security-policy', policy);
    response.end(
      isWorker
        ? `importScripts('${reflex}/reflex-sw.js');`
        : `<!doctype html><html lang="ko"><title>Shop</title><link rel="icon" href="data:,"><main><h1>Shop</h1><button id="own">own</button></main><script src="${reflex}/sdk.js" data-write-key="wk_dev"></script></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function strictPolicy(reflex: string): string {
  return [
    "default-src 'none'",
    `script-src ${reflex}`,
    `connect-src ${reflex} ${reflex.replace(/^http/, 'ws')}`,
    'img-src data:',
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
