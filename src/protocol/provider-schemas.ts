/**
 * What each provider's settings look like, and its secret. A setting that only some of a provider's channels need is asked
 * for by the channel's id. Secrets are looked at only far enough to tell one kind from another; whether they are right is
 * the provider's to say, and no message here repeats any of them.
 */
import * as z from 'zod';
import type { Channel } from '../engine/trigger.ts';
import { fields } from './schema-kit.ts';

/** What every channel may say, whoever serves it. */
export const RATE_AND_COST = {
  /** Messages a minute that the provider takes. */
  perMinute: z.int().min(1).max(1_000_000).exactOptional(),
  /** Of one message, for reports. */
  cost: fields({
    amount: z.number().min(0).max(1_000_000),
    currency: z.string().regex(/^[A-Z]{3}$/, 'expected a currency such as `KRW`'),
  }).exactOptional(),
};

/** Stands in for the provider's own address, in development only. A webhook's `url` may be one by itself. */
const endpoint = z
  .string()
  .regex(
    /^https?:\/\/(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/,
    'expected an address of this machine such as `http://127.0.0.1:4010`',
  )
  .exactOptional();

const sender = z
  .string()
  .max(320)
  .regex(
    /^[^<>\r\n"]*<[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/,
    'expected an address such as `news@example.com` or `Shop <news@example.com>`',
  );
const replyTo = z.email('expected an e-mail address').exactOptional();
const senderNumber = z
  .string()
  .regex(/^[\d-]{8,15}$/, 'expected the registered number, digits such as `0212345678`')
  .exactOptional();
const name = (of: string) => z.string().regex(/^[\x21-\x7e]{1,200}$/, `expected ${of}`);
const secretText = (of: string) => z.string().regex(/^[\x21-\x7e]{8,4096}$/, `expected ${of}`);

/** Sent as it is with every callback: as long as it is hard to guess, so are they. */
const typedSecret = z
  .string()
  .regex(
    /^[\x21-\x7e]{16,200}$/,
    'expected what was typed in at the console: 16 to 200 characters, no spaces',
  );

interface ProviderShape {
  channels: readonly [Channel, ...Channel[]];
  settings: z.ZodRawShape;
  /** Its terms allow none on any channel. */
  advertising?: false;
  /** What the secret is, in words that end a sentence. */
  secretIs: string;
  secret: z.ZodType<string>;
  /**
   * By which secret its callbacks are known; null: by none of ours. Absent: it has no callbacks. `hasToken`: it signs
   * nothing, so that a token of ours stands in the address that it calls.
   */
  callback?: { secret: z.ZodType<string> | null; hasToken?: true };
  /** Settings that a channel can't do without; each entry is one, or one of several. */
  needs?: Partial<Record<Channel, readonly string[][]>>;
}

const PROVIDERS = {
  webhook: {
    channels: ['webhook'],
    settings: { url: z.url({ protocol: /^https?$/, error: 'expected an https URL' }) },
    secretIs: '`whsec_` and the base64 of 24–64 random bytes, as Standard Webhooks has it',
    secret: z
      .string()
      .regex(
        /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
        'expected `whsec_` and the base64 of 24–64 random bytes, as Standard Webhooks has it',
      ),
  },
  slack: {
    channels: ['webhook'],
    settings: {},
    secretIs: 'the incoming webhook’s URL, `https://hooks.slack.com/services/…`',
    secret: z
      .string()
      .regex(
        /^https:\/\/hooks\.slack\.com\/services\/[A-Za-z0-9/]{1,200}$/,
        'expected the incoming webhook’s URL, `https://hooks.slack.com/services/…`',
      ),
  },
  web_push: {
    channels: ['web_push'],
    settings: {
      publicKey: z
        .string()
        .regex(/^B[A-Za-z0-9_-]{86}$/, 'expected the VAPID public key: 65 bytes as base64url, `B…`'),
      subject: z
        .string()
        .max(200)
        .regex(/^mailto:[^\s@]+@[^\s@]+$|^https:\/\/\S+$/, 'expected `mailto:…` or an https URL'),
    },
    secretIs: 'the VAPID private key: 32 bytes as base64url',
    secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected the VAPID private key: 32 bytes as base64url'),
  },
  fcm: {
    channels: ['push'],
    settings: {},
    secretIs: 'the service account’s JSON file, as one text',
    secret: z
      .string()
      .max(8_192)
      .refine(
        isServiceAccount,
        'expected the service account’s JSON file, as one text with `project_id`, `client_email` and `private_key`',
      ),
  },
  apns: {
    channels: ['push'],
    settings: {
      experimental: z.literal(true, {
        error:
          'expected true: Apple’s service takes HTTP/2 only, and Workers have not been seen to speak it reliably',
      }),
      teamId: z.string().regex(/^[A-Z0-9]{10}$/, 'expected the team id, 10 characters'),
      keyId: z.string().regex(/^[A-Z0-9]{10}$/, 'expected the key id, 10 characters'),
      topic: name('the app’s bundle id'),
      environment: z.enum(['production', 'sandbox']).exactOptional(),
    },
    secretIs: 'the .p8 file’s text, `-----BEGIN PRIVATE KEY-----…`',
    secret: z
      .string()
      .max(4_096)
      .regex(/^-----BEGIN PRIVATE KEY-----/, 'expected the .p8 file’s text, `-----BEGIN PRIVATE KEY-----…`'),
  },
  resend: {
    channels: ['email'],
    settings: { from: sender, replyTo },
    callback: {
      secret: z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected the webhook’s signing secret, `whsec_…`'),
    },
    secretIs: 'the API key, `re_…`',
    secret: z.string().regex(/^re_[A-Za-z0-9_]{8,200}$/, 'expected the API key, `re_…`'),
  },
  ses: {
    channels: ['email'],
    settings: {
      region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as `ap-northeast-2`'),
      accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/, 'expected an access key id, `AKIA…`'),
      from: sender,
      replyTo,
      configurationSet: name('the configuration set’s name').exactOptional(),
      topicArn: z
        .string()
        .regex(
          /^arn:(aws|aws-cn):sns:[a-z0-9-]{3,30}:\d{12}:[A-Za-z0-9_.-]{1,256}$/,
          'expected the ARN of the SNS topic that brings reports, `arn:aws:sns:…`',
        )
        .exactOptional(),
    },
    callback: { secret: null },
    secretIs: 'the secret access key',
    secret: secretText('the secret access key'),
  },
  cloudflare: {
    channels: ['email'],
    advertising: false,
    settings: {
      accountId: z.string().regex(/^[0-9a-f]{32}$/, 'expected the account id, 32 hexadecimal digits'),
      from: sender,
      replyTo,
    },
    secretIs: 'an API token that may send e-mail',
    secret: secretText('an API token that may send e-mail'),
  },
  solapi: {
    channels: ['sms', 'lms', 'kakao_info', 'kakao_brand'],
    settings: {
      apiKey: name('the API key'),
      from: senderNumber,
      pfId: name('the Kakao channel’s id, `KA01PF…`').exactOptional(),
      targeting: z.enum(['M', 'N', 'I']).exactOptional(),
    },
    callback: { secret: typedSecret, hasToken: true },
    secretIs: 'the API secret',
    secret: secretText('the API secret'),
    needs: { sms: [['from']], lms: [['from']], kakao_info: [['pfId']], kakao_brand: [['pfId']] },
  },
  nhn: {
    channels: ['sms', 'lms', 'kakao_info', 'kakao_brand'],
    settings: {
      appKey: name('the app key'),
      from: senderNumber,
      senderKey: name('the Kakao channel’s sender key').exactOptional(),
      targeting: z.enum(['M', 'N', 'I']).exactOptional(),
      optOut080: z
        .string()
        .regex(/^080-?\d{3,4}-?\d{4}$/, 'expected a free 080 number such as `080-123-4567`')
        .exactOptional(),
    },
    callback: { secret: typedSecret, hasToken: true },
    secretIs: 'the secret key',
    secret: secretText('the secret key'),
    needs: {
      sms: [['from']],
      lms: [['from']],
      kakao_info: [['senderKey']],
      kakao_brand: [['senderKey'], ['optOut080']],
    },
  },
  line: {
    channels: ['line'],
    settings: {},
    callback: { secret: secretText('the channel’s secret') },
    secretIs: 'the channel access token',
    secret: secretText('the channel access token'),
  },
  twilio: {
    channels: ['sms', 'lms'],
    settings: {
      accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, 'expected the account’s SID, `AC…`'),
      apiKeySid: z
        .string()
        .regex(/^SK[0-9a-f]{32}$/, 'expected an API key’s SID, `SK…`')
        .exactOptional(),
      from: z
        .string()
        .regex(/^\+\d{7,15}$|^[A-Za-z0-9 ]{1,11}$/, 'expected a number such as `+15005550006`')
        .exactOptional(),
      messagingServiceSid: z
        .string()
        .regex(/^MG[0-9a-f]{32}$/, 'expected a messaging service’s SID, `MG…`')
        .exactOptional(),
      callbackUrl: z
        .url({ protocol: /^https?$/, error: 'expected the address of `/v1/callbacks/twilio` here' })
        .max(1_000)
        .exactOptional(),
    },
    // Where an API key sends; else the auth token is known.
    callback: { secret: secretText('the auth token') },
    secretIs: 'the auth token, or the secret of `apiKeySid`',
    secret: secretText('the auth token, or the secret of `apiKeySid`'),
    needs: { sms: [['from', 'messagingServiceSid']], lms: [['from', 'messagingServiceSid']] },
  },
  whatsapp: {
    channels: ['whatsapp'],
    settings: {
      phoneNumberId: z.string().regex(/^\d{5,20}$/, 'expected the phone number’s id, digits'),
      apiVersion: z.string().regex(/^v\d{1,2}\.0$/, 'expected a version of the Graph API such as `v23.0`'),
      verifyToken: name('the verify token typed in at Meta’s console').exactOptional(),
    },
    callback: { secret: secretText('the app’s secret') },
    secretIs: 'a system user’s access token',
    secret: secretText('a system user’s access token'),
  },
} satisfies Record<string, ProviderShape>;

type ProviderName = keyof typeof PROVIDERS;
export const PROVIDER_NAMES = Object.keys(PROVIDERS) as ProviderName[];

/** What a provider's secret is, in words that end a sentence; null for a provider that takes none. */
export function secretIs(provider: string): string | null {
  return Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider as ProviderName].secretIs : null;
}

/** Whether its terms allow advertising anywhere. */
export function takesAdvertising(provider: string): boolean {
  if (!Object.hasOwn(PROVIDERS, provider)) return true;
  const { advertising }: ProviderShape = PROVIDERS[provider as ProviderName];
  return advertising !== false;
}

/** A channel's settings by this provider. */
export function providerSchema(provider: ProviderName) {
  const { channels, settings, secret, callback, needs }: ProviderShape = PROVIDERS[provider];
  const served = channels.map((channel) => `\`${channel}\``).join(', ');
  return fields({
    id: z.enum(channels, { error: `the provider \`${provider}\` serves ${served} alone` }),
    provider: z.literal(provider),
    settings: fields({ ...settings, ...(provider !== 'webhook' && { endpoint }) }),
    secret: secret.nullable().exactOptional(),
    ...(callback?.secret && { callbackSecret: callback.secret.nullable().exactOptional() }),
    ...RATE_AND_COST,
  }).superRefine((channel, context) => {
    for (const anyOf of needs?.[channel.id as Channel] ?? []) {
      if (anyOf.some((field) => Object.hasOwn(channel.settings, field))) continue;
      const path = ['settings', anyOf[0] ?? ''];
      const names = anyOf.map((field) => `\`${field}\``).join(' or ');
      context.addIssue({ code: 'custom', path, message: `is missing; \`${channel.id}\` needs ${names}` });
    }
  });
}

/** Null: it has no callbacks. */
export function callbackOf(provider: string): { hasToken: boolean } | null {
  if (!Object.hasOwn(PROVIDERS, provider)) return null;
  const { callback }: ProviderShape = PROVIDERS[provider as ProviderName];
  return callback ? { hasToken: callback.hasToken === true } : null;
}

function isServiceAccount(text: string): boolean {
  try {
    const { project_id, client_email, private_key } = JSON.parse(text) as Record<string, unknown>;
    return [project_id, client_email, private_key].every((part) => typeof part === 'string' && part !== '');
  } catch {
    return false;
  }
}
