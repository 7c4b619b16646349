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
  'SECRETS_KEY',
  'OTHER_SECRETS_KEYS',
  'EXPORT_WEBHOOK_URL',
  'EXPORT_WEBHOOK_SECRET',
];

/** One process is everything here. Beyond that, workerd leaves connections waiting where no answer can be given. */
const MAX_REQUESTS_UNDER_WAY = '128';

/** A shop with one visitor has none to leave out: every view counts. */
const VIEWS_PER_SAMPLE = '1';

/**
 * About what one process sends. Each profile that is told stays resident for ten seconds, with three open files, and is woken
 * again where its message hasn't left after thirty: some six thousand are as many as may be open at once.
 */
const BROADCAST_PER_SECOND = '100';

/**
 * The Worker as Miniflare takes it, built from today's sources, in development unless `bindings` say otherwise.
 * @param {{ idSecret: string, publicUrl?: string, bindings?: Record<string, string>, isAsDeployed?: boolean }} own
 *   `publicUrl`: where it will be reached, for the links in messages. `isAsDeployed`: minified, so that the log names no
 *   functions. There is no source map either way: workerd looks at none when it names a line, but parses it at each start.
 */
export async function loadWorker({ idSecret, publicUrl, bindings = {}, isAsDeployed = false }) {
  // Read by wrangler as it loads: no banner, no figures sent home.
  process.env.WRANGLER_LOG ??= 'error';
  process.env.WRANGLER_SEND_METRICS = 'false';
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import('wrangler');
  const config = unstable_readConfig({ config: CONFIG });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  const { code } = await buildWorker(main, { minify: isAsDeployed });
  // For modules found at run time; this one is bundled, and Miniflare refuses both together.
  const { modulesRules: _, ...options } = workerOptions;
  return {
    ...options,
    name: config.name,
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }],
    bindings: {
      ...options.bindings,
      ...secretsOf(process.env),
      ...(publicUrl && { PUBLIC_URL: publicUrl }),
      MAX_REQUESTS_UNDER_WAY: process.env.MAX_REQUESTS_UNDER_WAY ?? MAX_REQUESTS_UNDER_WAY,
      VIEWS_PER_SAMPLE: process.env.VIEWS_PER_SAMPLE ?? VIEWS_PER_SAMPLE,
      BROADCAST_PER_SECOND: process.env.BROADCAST_PER_SECOND ?? BROADCAST_PER_SECOND,
      ENVIRONMENT: 'development',
      ID_SECRET: idSecret,
      ...bindings,
    },
  };
}

function secretsOf(env) {
  return Object.fromEntries(SECRETS.filter((name) => env[name]).map((name) => [name, env[name]]));
}
