/** Fifty payments of ten users, each of which is told to an endpoint by webhook: what a crash test counts. */
import { expect } from 'vitest';
import { type Api, apiOf } from './api.ts';

const USERS = 10;
const PAYMENTS_EACH = 5;

export interface Payment {
  userId: string;
  payment: string;
}

export const PAYMENTS: Payment[] = Array.from({ length: USERS * PAYMENTS_EACH }, (_, number) => ({
  userId: `payer-${number % USERS}`,
  payment: `payment-${number}`,
}));

const TRIGGER = {
  id: 'paid',
  category: 'transactional',
  transactionalReason: 'the receipt of a payment',
  entry: { on: [{ event: 'Paid' }], key: ['event.properties.payment'] },
  reeligibility: { mode: 'always' },
  steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'paid' } }],
};
const TEMPLATE = {
  defaultLocale: 'en',
  locales: { en: { webhook: { data: { payment: '{{event.properties.payment}}' } } } },
};

export async function tellPayments(api: Api, url: string): Promise<void> {
  const secret = `whsec_${btoa('s'.repeat(32))}`;
  const calls: [string, string, object?][] = [
    ['PUT', 'channels/webhook', { provider: 'webhook', settings: { url }, secret }],
    ['PUT', 'templates/paid', TEMPLATE],
    ['POST', 'triggers', TRIGGER],
    ['POST', 'triggers/paid/activate'],
  ];
  for (const [method, path, body] of calls) {
    const { status, text } = await api.admin(method, path, body);
    expect(status, text).toBeLessThan(300);
  }
}

/** Whether it was acknowledged. A connection that breaks acknowledges nothing. */
export async function pay(server: { url: string }, { userId, payment }: Payment): Promise<boolean> {
  const event = { userId, messageId: payment, event: 'Paid', properties: { payment } };
  try {
    return (await apiOf(server).client('POST', '/v1/track', event)).status === 200;
  } catch {
    return false;
  }
}

/** Every payment in the users' histories, as often as it is counted. */
export async function paymentsIn(server: { url: string }): Promise<string[]> {
  const userIds = [...new Set(PAYMENTS.map(({ userId }) => userId))];
  const histories = await Promise.all(
    userIds.map(async (userId) => {
      const { status, body } = await apiOf(server).admin('GET', `profiles/${userId}`);
      return status === 404 ? [] : body.timeline.map(({ properties }: { properties: Payment }) => properties);
    }),
  );
  return histories.flat().map(({ payment }: Payment) => payment);
}
