/**
 * What is in force while Reflex is measured: the demo shop, and so many triggers more that there are a hundred active
 * ones. Five of these listen to the ordinary event and are asked each time; one fires a webhook.
 */
import { readFileSync } from 'node:fs';
import { createApiClient } from '../scripts/server/api-client.mjs';

const SHOP = new URL('../demo/shop.json', import.meta.url);
const ACTIVE_TRIGGERS = 100;
const ADMIN_TOKEN = 'at_dev';
/** How many of the added triggers listen to the ordinary event; the others to events that don't come. */
const ASKED = 5;
const OTHER_NAMES = 19;

const WEBHOOK_TEMPLATE = {
  defaultLocale: 'ko',
  locales: {
    ko: {
      webhook: {
        data: {
          user: '{{user.id}}',
          item: '{{event.properties.item}}',
          serial: '{{event.properties.serial}}',
        },
      },
    },
  },
};

/**
 * @param {string} sinkUrl where webhooks go
 * @returns {Promise<string>} a write key as a deployment has one: looked up, not one of development's fixed keys
 */
export async function seedBench(url, sinkUrl) {
  await seedTriggers(url, sinkUrl);
  const response = await fetch(`${url}/admin/api/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'write', label: 'bench' }),
  });
  const { key } = await response.json();
  return key;
}

async function seedTriggers(url, sinkUrl) {
  const admin = createApiClient(url, ADMIN_TOKEN);
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  await admin('PUT', '/admin/api/channels/webhook', {
    provider: 'webhook',
    settings: { url: sinkUrl },
    secret,
  });
  await admin('PUT', '/admin/api/templates/drop', WEBHOOK_TEMPLATE);
  const added = ACTIVE_TRIGGERS - JSON.parse(readFileSync(SHOP, 'utf8')).triggers.length;
  for (const trigger of [dropHook(), ...Array.from({ length: added - 1 }, (_, i) => silent(i))]) {
    await admin('POST', '/admin/api/triggers', trigger);
    await admin('POST', `/admin/api/triggers/${trigger.id}/activate`);
  }
}

function dropHook() {
  const conditions = [
    { field: 'event.properties.price', op: 'lt', value: 25 },
    { field: 'event.properties.category', op: 'eq', value: 'shoes' },
  ];
  return trigger('drop-hook', 'price_drop', { all: conditions });
}

/** A trigger whose condition is of two parts, of which the second one fails. */
function silent(i) {
  const event = i < ASKED ? 'Product Viewed' : `Bench Event ${i % OTHER_NAMES}`;
  const conditions = [
    { field: 'event.properties.currency', op: 'eq', value: 'KRW' },
    { field: 'event.properties.price', op: 'lt', value: 100 + i },
  ];
  return trigger(`bench-${i}`, event, { all: conditions });
}

function trigger(id, event, condition) {
  return {
    id,
    category: 'transactional',
    transactionalReason: 'measured, not sent to anybody',
    entry: { on: [{ event }], if: condition },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'drop' } }],
  };
}
