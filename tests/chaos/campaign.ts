/**
 * What the shop under fire has published, chosen so that for every event it is known which messages are due, in whatever
 * order the events arrive:
 *
 *     receipt     one for each order, at once
 *     follow-up   one for each trial, three seconds later, unless the trial was cancelled before
 *     tip         for searches, at most three a day and user, however many searches there are
 *     price-drop  one for each item that somebody liked and that became cheaper
 *     welcome     in the app, in the answer to the sign-up itself
 *     text        one for each trial, at once, by SMS
 *     audit-…     fires never: its explanation tells what the profile has counted
 *
 * All but `text` leave by the webhook, which is idempotent: each comes, once when its key is told apart. The SMS's provider
 * knows no key: a text comes at most once, and where its sender was killed with it, it is listed as unknown and a dead
 * letter.
 */
import { type Api, basic } from '../support/api.ts';

export const WAIT_MS = 3_000;
export const MOST_TIPS = 3;
export const SECRET = `whsec_${btoa('a secret of thirty-two bytes 123')}`;

/** The event that each trigger listens to, and what its message tells about it. */
const SENDING = {
  receipt: { on: { event: 'Order Completed' }, ref: '{{event.properties.order_id}}' },
  'follow-up': { on: { event: 'Trial Started' }, ref: '{{entry.event.properties.trial_id}}' },
  tip: { on: { event: 'Products Searched' }, ref: '{{event.properties.query}}' },
  'price-drop': { on: { item: 'price_drop', relation: ['liked'] }, ref: '{{item.id}}' },
} as const;

/** Of the SMS. */
export const TEXT = 'text';

export type SendingTrigger = keyof typeof SENDING;

/** Whose counts are asked for at the end. */
export const COUNTED = [
  'Product Viewed',
  'Order Completed',
  'Trial Started',
  'Products Searched',
  'Product Added to Wishlist',
  'Signed Up',
] as const;

export type CountedEvent = (typeof COUNTED)[number];

export function auditId(event: CountedEvent): string {
  return `audit-${event.toLowerCase().replaceAll(' ', '-')}`;
}

const COMMON = {
  category: 'transactional',
  transactionalReason: 'what the user has asked for',
  reeligibility: { mode: 'always' },
  delivery: { expireAfter: '1d' },
};

export async function publishCampaign(api: Api, sink: { url: string; textsUrl: string }): Promise<void> {
  const put = async (path: string, body?: unknown, method = 'PUT') => {
    const { status, text } = await api.admin(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  };
  const publish = async (trigger: { id: string }) => {
    await put('triggers', trigger, 'POST');
    await put(`triggers/${trigger.id}/activate`, undefined, 'POST');
  };
  await put('channels/webhook', { provider: 'webhook', settings: { url: sink.url }, secret: SECRET });
  const twilio = { accountSid: `AC${'0'.repeat(32)}`, from: '+15005550006', endpoint: sink.textsUrl };
  await put('channels/sms', {
    provider: 'twilio',
    settings: twilio,
    secret: '0'.repeat(32),
  });
  await put('policies/caps', { rules: [{ count: MOST_TIPS, window: { last: '24h' }, trigger: 'tip' }] });
  await put('templates/welcome', {
    defaultLocale: 'en',
    locales: {
      en: { in_app: { layout: 'banner', title: 'Welcome', body: 'Glad to have you.', buttons: [] } },
    },
  });
  for (const [id, { on, ref }] of Object.entries(SENDING)) {
    const data = { user: '{{user.id}}', trigger: id, ref };
    await put(`templates/${id}`, { defaultLocale: 'en', locales: { en: { webhook: { data } } } });
    await publish(sending(id as SendingTrigger, on));
  }
  await put('templates/text', {
    defaultLocale: 'en',
    locales: { en: { sms: { text: '{{user.id}} {{event.properties.trial_id}}' } } },
  });
  await publish({
    id: TEXT,
    ...COMMON,
    entry: { on: [{ event: 'Trial Started' }] },
    steps: [{ id: 'tell', send: { channels: ['sms'], template: 'text' } }],
  } as { id: string });
  await publish({
    id: 'welcome',
    ...COMMON,
    reeligibility: { mode: 'never' },
    entry: { on: [{ event: 'Signed Up' }] },
    steps: [{ id: 'tell', send: { channels: ['in_app'], template: 'welcome' } }],
  } as { id: string });
  for (const event of COUNTED) await publish(audit(event));
}

function sending(id: SendingTrigger, on: object): { id: string } {
  const tell = { id: 'tell', send: { channels: ['webhook'], template: id } };
  const trigger = { id, ...COMMON, entry: { on: [on] }, steps: [tell] };
  if (id === 'price-drop') return { ...trigger, entry: { on: [on], key: ['item.id'] } } as { id: string };
  if (id !== 'follow-up') return trigger;
  return {
    ...trigger,
    entry: { on: [on], key: ['event.properties.trial_id'] },
    exit: [{ on: { event: 'Trial Cancelled' }, matchKey: true }],
    steps: [{ id: 'pause', wait: `${WAIT_MS / 1000}s` }, tell],
  } as { id: string };
}

function audit(event: CountedEvent): { id: string } {
  return {
    id: auditId(event),
    ...COMMON,
    entry: { on: [{ event: 'Audit' }], if: { did: event, count: { gte: 1_000_000_000 } } },
    steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'receipt' } }],
  } as { id: string };
}

export const CLIENT_HEADERS = { authorization: basic('wk_dev'), 'content-type': 'application/json' };
export const BACKEND_HEADERS = { authorization: 'Bearer sk_dev', 'content-type': 'application/json' };
