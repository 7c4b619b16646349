import { describe, expect, it, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, send } from '../../testing/builders.ts';
import { VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Channel } from '../../trigger.ts';
import type { JsonObject, MessageInput } from '../../vocabulary.ts';
import { composeContent } from '../compose-content.ts';
import { languageOf, UNSIGNED, unsignedPart, withSignature } from './unsubscribe-link.ts';

/** 2026-12-01, noon in Seoul. */
const NOON = Date.parse('2026-12-01T12:00:00+09:00');

interface Asked {
  category?: 'marketing' | 'transactional';
  body?: string;
  at?: number;
  publicUrl?: null;
  traits?: JsonObject;
}

function lifeOn(
  channel: Channel,
  { category = 'marketing', body = 'Hello', at = NOON, ...more }: Asked = {},
) {
  const { publicUrl, traits = {} } = more;
  const template = aTemplate({}, body);
  const config = aConfig({
    triggers: [aTrigger({ category, steps: [send({ channels: [channel] })] })],
    templates: [template],
  });
  if (publicUrl === null) config.publicUrl = null;
  const profile = new VirtualProfile({ config, at });
  profile.identify(traits);
  profile.consent(channel === 'lms' ? 'sms' : channel);
  profile.track('Hello');
  const inputs = profile.outbox();
  return { profile, config, template, input: inputs[0] as MessageInput, count: inputs.length };
}

const linkIn = ({ values }: MessageInput) => (values.message as JsonObject).unsubscribeUrl;

describe('a marketing e-mail', () => {
  it('freezes its link, unsigned, whether or not its texts mention it', () => {
    const { input } = lifeOn('email');
    expect(linkIn(input)).toBe(
      `https://edge.example.com/u/1.email.ko.key-of-u1.${input.messageId}.${UNSIGNED}`,
    );
  });

  it('leads to a page in the recipient’s language', () => {
    expect(linkIn(lifeOn('email', { traits: { locale: 'en-GB' } }).input)).toContain('.email.en.');
    expect(['ko', 'KO_kr', 'ko-KR'].map(languageOf)).toEqual(['ko', 'ko', 'ko']);
    expect(['en', 'kok', 'de-AT', ''].map(languageOf)).toEqual(['en', 'en', 'en', 'en']);
  });

  it('isn’t sent where nobody has said where the deployment is reached', () => {
    const { profile, count } = lifeOn('email', { publicUrl: null });
    expect(count).toBe(0);
    expect(profile.trace.at(-1)).toMatchObject({
      reason: 'render_error',
      path: 'steps.show.policies.workspace.publicUrl',
    });
  });

  test('channels §3 e-mail-night: at 23:00 in Korea it is sent at once', () => {
    const at = Date.parse('2026-12-01T23:00:00+09:00');
    expect(lifeOn('email', { at }).count).toBe(1);
  });
});

describe('other messages', () => {
  it.each<[Channel, Asked]>([
    ['email', { category: 'transactional' }],
    ['push', {}],
    ['lms', {}],
  ])('by %s carry no link that their texts don’t mention', (channel, asked) => {
    expect(linkIn(lifeOn(channel, asked).input)).toBeUndefined();
    expect(lifeOn(channel, { ...asked, publicUrl: null }).count).toBe(1);
  });

  it.each<Channel>(['push', 'web_push', 'email', 'lms', 'line', 'kakao_brand', 'webhook'])(
    'by %s carry the links that their texts mention',
    (channel) => {
      const { config, profile, template } = lifeOn(channel, {
        category: 'transactional',
        body: '{{message.unsubscribeUrl}} {{message.preferencesUrl}}',
      });
      const [input] = profile.outbox();
      const composed = input && composeContent(input, template, config);
      const text = JSON.stringify(composed);
      expect(text).toContain(`/u/1.${channel}.ko.key-of-u1.`);
      expect(text).toContain(`${UNSIGNED}#preferences`);
    },
  );
});

describe('signing', () => {
  it('puts the signature into both links, and into nothing else', () => {
    const { input } = lifeOn('email');
    const signature = 'S'.repeat(UNSIGNED.length);
    const values = withSignature(input.values, signature);
    expect(unsignedPart(input.values)).toBe(`1.email.ko.key-of-u1.${input.messageId}`);
    expect(JSON.stringify(values)).toBe(JSON.stringify(input.values).replaceAll(UNSIGNED, signature));
    expect(unsignedPart(values)).toBeNull();
    expect(unsignedPart({ user: { id: 'u1' } })).toBeNull();
  });
});
