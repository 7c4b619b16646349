/**
 * wrangler.toml is the only description of the Worker: what runs here is read from it, bindings, objects, queues with
 * their batch sizes, retries and dead-letter queues. Miniflare is driven directly, because `wrangler dev` puts a second
 * worker before every request and can't be stopped as cleanly.
 */
import { fileURLToPath } from 'node:url';

const CONFIG = fileURLToPath(new URL('../../wrangler.toml', import.meta.url));

/**
 * @returns {Promise<{ name: string, entry: string, options: object }>} `options` of one worker, without its code
 */
export async function readWorkerOptions() {
  // Read by wrangler as it loads: no banner, no figures sent home.
  process.env.WRANGLER_LOG ??= 'error';
  process.env.WRANGLER_SEND_METRICS = 'false';
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import('wrangler');
  const config = unstable_readConfig({ config: CONFIG });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  // Only for files that a module loads at run time; the code is bundled, and Miniflare refuses it beside `modules`.
  const { modulesRules: _, ...options } = workerOptions;
  return { name: config.name, entry: main, options };
}
