/**
 * Pages of a shop, served from a port of their own: what they send to Reflex crosses origins, as it does in the field.
 * Each is one of `tests/pages`, bundled with the client that it names.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface ShopPages {
  /** `name` is a file of `tests/pages`, without its ending. */
  urlOf(name: string, query: Record<string, string>): string;
  close(): Promise<void>;
}

export async function serveShopPages(names: string[]): Promise<ShopPages> {
  const scripts = new Map(await Promise.all(names.map(async (name) => [name, await bundle(name)] as const)));
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://shop').pathname.slice(1);
    const script = scripts.get(name.replace(/\.js$/, ''));
    const isScript = name.endsWith('.js');
    response.statusCode = script === undefined ? 404 : 200;
    response.setHeader('content-type', `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`);
    response.end(isScript ? script : `<!doctype html><title>shop</title><script src="/${name}.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    urlOf: (name, query) => `http://127.0.0.1:${port}/${name}?${new URLSearchParams(query)}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bundle(name: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../pages/${name}.ts`, import.meta.url))],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return result.outputFiles[0]?.text ?? '';
}
