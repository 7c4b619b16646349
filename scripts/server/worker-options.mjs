/**
 * wrangler.toml is the only description of the Worker: what runs here is read from it, bindings, objects, queues with
 * their batch sizes, retries and dead-letter queues. Miniflare is driven directly, because `wrangler dev` puts a second
 * worker before every request and can't be stopped as cleanly.
 */
import { fileURLToPath } from 'node:url';
import { buildWorker } from './build-worker.mjs';

const CONFIG = fileURLToPath(new URL('../../wrangler.toml', import.meta.url));

/** The Worker's optional secrets, as `.dev.vars.example` explains them: the environment goes before `.dev.vars`. */
const SECRETS = [
  'ADMIN_TOKEN',
  'USER_TOKEN_SECRET',
  'USER_TOKEN_JWKS',
  'EXPORT_WEBHOOK_URL',
  'EXPORT_WEBHOOK_SECRET',
];

/** One process is everything here. Beyond that, workerd leaves connections waiting where no answer can be given. */
const MAX_REQUESTS_UNDER_WAY = '128';

/**
 * The Worker as Miniflare takes it, built from today's sources, in development.
 * @param {{ idSecret: string }} secrets
 */
export async function loadWorker({ idSecret }) {
  // Read by wrangler as it loads: no banner, no figures sent home.
  process.env.WRANGLER_LOG ??= 'error';
  process.env.WRANGLER_SEND_METRICS = 'false';
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import('wrangler');
  const config = unstable_readConfig({ config: CONFIG });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  const { code } = await buildWorker(main, { sourcemap: true });
  // For modules found at run time; this one is bundled, and Miniflare refuses both together.
  const { modulesRules: _, ...options } = workerOptions;
  return {
    ...options,
    name: config.name,
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }],
    bindings: {
      ...options.bindings,
      ...secretsOf(process.env),
      MAX_REQUESTS_UNDER_WAY: process.env.MAX_REQUESTS_UNDER_WAY ?? MAX_REQUESTS_UNDER_WAY,
      ENVIRONMENT: 'development',
      ID_SECRET: idSecret,
    },
  };
}

function secretsOf(env) {
  return Object.fromEntries(SECRETS.filter((name) => env[name]).map((name) => [name, env[name]]));
}
