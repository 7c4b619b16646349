/**
 * Fills an empty server with the demo shop of `demo/shop.json`, through the public API alone, as a shop would.
 *
 * Once per state directory: what a person has changed since stays as it is. A start that was cut off half-way begins
 * again from the top, which changes nothing that is already there: every call replaces.
 *
 * The file holds `policies`, `lookups`, `segments`, `templates`, `triggers`, `items` (each as the API takes it) and
 * `curls` of `{ title, command }`, in whose commands `{url}` stands for the server's address.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from './server/api-client.mjs';

const SHOP = new URL('../demo/shop.json', import.meta.url);
/** Segments of a life with the shop, and the trigger that one of them needs. */
const LIFECYCLE = new URL('../demo/lifecycle.json', import.meta.url);
const SERVER_KEY = 'sk_dev';
const ADMIN_TOKEN = 'at_dev';

/** In the order in which one may name another. */
const DOCUMENTS = ['lookups', 'segments', 'templates'];

/**
 * @param {{ url: string, stateDir: string, demo: boolean }} where  without `demo` only the policies are written
 * @returns {Promise<{ title: string, command: string }[]>} what to try, ready to paste
 */
export async function seed({ url, stateDir, demo }) {
  const shop = JSON.parse(readFileSync(SHOP, 'utf8'));
  const lifecycle = JSON.parse(readFileSync(LIFECYCLE, 'utf8'));
  await once(stateDir, 'policies', () => seedPolicies(url, shop));
  if (!demo) return [];
  await once(stateDir, 'demo', () => seedShop(url, shop));
  await once(stateDir, 'lifecycle', () => seedDocuments(url, lifecycle));
  return shop.curls.map(({ title, command }) => ({ title, command: command.replaceAll('{url}', url) }));
}

async function once(stateDir, name, work) {
  const done = join(stateDir, `seeded-${name}`);
  if (existsSync(done)) return;
  await work();
  writeFileSync(done, `${new Date().toISOString()}\n`);
}

async function seedPolicies(url, shop) {
  const admin = createApiClient(url, ADMIN_TOKEN);
  for (const policy of shop.policies) await admin('PUT', `/admin/api/policies/${policy.id}`, policy);
}

async function seedShop(url, shop) {
  const server = createApiClient(url, SERVER_KEY);
  await Promise.all(
    shop.items.map((item) => server('PUT', `/v1/items/${encodeURIComponent(item.id)}`, item)),
  );
  await seedDocuments(url, shop);
}

async function seedDocuments(url, shop) {
  const admin = createApiClient(url, ADMIN_TOKEN);
  for (const kind of DOCUMENTS) {
    for (const document of shop[kind] ?? [])
      await admin('PUT', `/admin/api/${kind}/${document.id}`, document);
  }
  for (const trigger of shop.triggers) await putTrigger(admin, trigger);
}

/** Created, or its draft replaced where an earlier start came that far; and in force. */
async function putTrigger(admin, trigger) {
  const known = await admin('POST', '/admin/api/triggers', trigger, { allow: [409] });
  if (known.status === 409) await admin('PUT', `/admin/api/triggers/${trigger.id}`, trigger);
  await admin('POST', `/admin/api/triggers/${trigger.id}/activate`);
}
