import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';

// Each test file has a database of its own; setup files run once per test file.
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
