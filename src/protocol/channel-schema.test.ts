import { describe, expect, it } from 'vitest';
import { channelSettingsSchema } from './channel-schema.ts';
import { PROVIDER_NAMES, secretIs } from './provider-schemas.ts';
import { checkDocument } from './schema-kit.ts';

const serviceAccount = JSON.stringify({ project_id: 'p', client_email: 'a@p.example.com', private_key: 'k' });
const token = 'x'.repeat(40);
const p8 = '-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----\n';

/** One good document for each provider. */
const GOOD = [
  {
    id: 'webhook',
    provider: 'webhook',
    settings: { url: 'https://a.example.com' },
    secret: `whsec_${'A'.repeat(44)}`,
  },
  { id: 'webhook', provider: 'slack', settings: {}, secret: 'https://hooks.slack.com/services/T0/B0/x0' },
  {
    id: 'web_push',
    provider: 'web_push',
    settings: { publicKey: `B${'A'.repeat(86)}`, subject: 'mailto:a@example.com' },
    secret: 'A'.repeat(43),
  },
  { id: 'push', provider: 'fcm', settings: {}, secret: serviceAccount },
  {
    id: 'push',
    provider: 'apns',
    settings: { experimental: true, teamId: 'ABCDE12345', keyId: 'ABCDE12345', topic: 'com.example.shop' },
    secret: p8,
  },
  { id: 'email', provider: 'resend', settings: { from: 'Shop <a@example.com>' }, secret: 're_12345678' },
  {
    id: 'email',
    provider: 'ses',
    settings: { region: 'ap-northeast-2', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', from: 'a@example.com' },
    secret: token,
  },
  {
    id: 'email',
    provider: 'cloudflare',
    settings: { accountId: '0'.repeat(32), from: 'a@example.com' },
    secret: token,
  },
  { id: 'sms', provider: 'solapi', settings: { apiKey: 'k', from: '02-1234-5678' }, secret: token },
  { id: 'kakao_brand', provider: 'solapi', settings: { apiKey: 'k', pfId: 'KA01PF' }, secret: token },
  { id: 'lms', provider: 'nhn', settings: { appKey: 'k', from: '0212345678' }, secret: token },
  {
    id: 'kakao_brand',
    provider: 'nhn',
    settings: { appKey: 'k', senderKey: 's', optOut080: '080-123-4567' },
    secret: token,
  },
  { id: 'line', provider: 'line', settings: {}, secret: token },
  {
    id: 'sms',
    provider: 'twilio',
    settings: { accountSid: `AC${'0'.repeat(32)}`, from: '+15005550006' },
    secret: token,
  },
  {
    id: 'whatsapp',
    provider: 'whatsapp',
    settings: { phoneNumberId: '106540352242922', apiVersion: 'v23.0' },
    secret: token,
  },
];

const issuesOf = (document: object) => {
  const result = checkDocument(channelSettingsSchema, document);
  return result.kind === 'invalid' ? result.issues : [];
};
const good = (provider: string, id?: string) =>
  structuredClone(GOOD.find((one) => one.provider === provider && (id === undefined || one.id === id)));

describe('settings', () => {
  it.each(GOOD)('of $provider for $id are taken', (document) => {
    expect(issuesOf(document)).toEqual([]);
  });

  it('are known of every provider, and say what its secret is', () => {
    expect([...new Set(GOOD.map(({ provider }) => provider))].sort()).toEqual([...PROVIDER_NAMES].sort());
    for (const provider of PROVIDER_NAMES) expect(secretIs(provider)).toBeTruthy();
    expect(secretIs('log')).toBeNull();
  });

  it.each([
    ['resend', { id: 'sms' }, 'id', 'the provider `resend` serves `email` alone'],
    ['resend', { settings: {} }, 'settings.from', 'is missing; expected text'],
    ['resend', { settings: { from: 'Shop' } }, 'settings.from', 'expected an address such as'],
    ['resend', { settings: { from: 'a@example.com', form: 'x' } }, 'settings.form', "isn't a field here"],
    ['resend', { secret: 'sk_live_123456' }, 'secret', 'expected the API key, `re_…`'],
    ['fcm', { secret: '{"project_id": "p"}' }, 'secret', 'service account’s JSON file'],
    [
      'apns',
      { settings: { ...good('apns')?.settings, experimental: false } },
      'settings.experimental',
      'HTTP/2',
    ],
    ['web_push', { secret: 'short' }, 'secret', 'VAPID private key'],
    ['slack', { secret: 'https://example.com/services/x' }, 'secret', 'incoming webhook'],
    [
      'twilio',
      { settings: { accountSid: `AC${'0'.repeat(32)}` } },
      'settings.from',
      '`from` or `messagingServiceSid`',
    ],
    ['solapi', { settings: { apiKey: 'k' } }, 'settings.from', 'is missing; `sms` needs `from`'],
    [
      'line',
      { settings: { endpoint: 'https://example.com' } },
      'settings.endpoint',
      'an address of this machine',
    ],
    [
      'webhook',
      { settings: { url: 'https://a.example.com', endpoint: 'http://127.0.0.1:1' } },
      'settings.endpoint',
      "isn't a field here",
    ],
  ])('of %s are refused with %j, at the place', (provider, change, path, message) => {
    expect(issuesOf({ ...good(provider), ...change })).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    );
  });

  it('of a provider that there isn’t name those that there are', () => {
    const [issue] = issuesOf({ id: 'email', provider: 'mailgun', settings: {} });
    expect(issue).toMatchObject({ path: 'provider' });
    for (const provider of [...PROVIDER_NAMES, 'log']) expect(issue?.message).toContain(`\`${provider}\``);
  });

  it('are never repeated with their secret', () => {
    for (const document of GOOD) {
      const wrong = { ...document, secret: 'hunter2 with a space' };
      expect(issuesOf(wrong).map(({ path }) => path)).toEqual(['secret']);
      expect(JSON.stringify(issuesOf(wrong))).not.toContain('hunter2');
    }
  });
});
