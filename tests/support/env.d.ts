import type { D1Migration } from '@cloudflare/vitest-plugin';
import type { Env as ReflexEnv } from '../../src/bindings.ts';

declare global {
  namespace Cloudflare {
    /** What `env` of `cloudflare:workers` holds under test: the Worker's bindings, and the migrations to apply. */
    interface Env extends ReflexEnv {
      TEST_MIGRATIONS: D1Migration[];
      TEST_BUCKET: R2Bucket;
    }
    interface GlobalProps {
      mainModule: typeof import('../../src/index.ts');
    }
  }
}
