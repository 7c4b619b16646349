/** Amazon's own validator judges the same; and nobody is asked for anything but SNS itself. */
import { EventEmitter } from 'node:events';
import https from 'node:https';
import fc from 'fast-check';
import MessageValidator from 'sns-validator';
import { describe, expect, it, vi } from 'vitest';
import { aCallback, aChannel, amazon } from '../../../tests/support/callback-kit.ts';
import {
  CERTIFICATE,
  CERTIFICATE_URL,
  type SnsJson,
  signedBySns,
  TOPIC,
} from '../../../tests/support/sns-signer.ts';
import { sesCallbacks } from './ses.ts';
import { confirmSubscription, type SnsMessage } from './sns.ts';

describe('SNS', () => {
  const channel = aChannel('email', { settings: { topicArn: TOPIC } });
  const judge = (message: SnsJson, deps = amazon(), now = Date.now()) =>
    sesCallbacks.verify(aCallback(JSON.stringify(message), {}, { now }), channel, deps);

  /** Amazon's own validator for Node, which fetches the certificate by itself. */
  async function theirs(message: SnsJson): Promise<boolean> {
    const get = vi.spyOn(https, 'get').mockImplementation(((
      _: string,
      answer: (response: unknown) => void,
    ) => {
      const response = Object.assign(new EventEmitter(), { statusCode: 200 });
      queueMicrotask(() => {
        answer(response);
        response.emit('data', CERTIFICATE);
        response.emit('end');
      });
      return new EventEmitter();
    }) as never);
    const error = await new Promise((resolve) => new MessageValidator().validate({ ...message }, resolve));
    get.mockRestore();
    return error === null;
  }

  const subscription = {
    Type: 'SubscriptionConfirmation',
    SubscribeURL: `https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=t1`,
    Token: 't1',
  };

  it.each(['1', '2'] as const)('agrees with Amazon’s own validator, version %s', async (version) => {
    const said = fc.record({
      Message: fc.string({ unit: 'grapheme' }),
      Subject: fc.string({ minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(said, fc.boolean(), fc.nat(), async ({ Message, Subject }, isConfirmation, at) => {
        const more: SnsJson = isConfirmation ? { Message, ...subscription } : { Message, Subject };
        const message = await signedBySns(more, version);
        expect([await theirs(message), await judge(message)]).toEqual([true, true]);
        const names = ['Message', 'MessageId', 'Type', ...Object.keys(more)];
        const name = names[at % names.length] ?? '';
        const changed = { ...message, [name]: `${message[name]}A` };
        expect([await theirs(changed), await judge(changed)]).toEqual([false, false]);
        const signature = Buffer.from(message.Signature ?? '', 'base64');
        signature[at % signature.length] = (signature[at % signature.length] ?? 0) ^ (1 << (at % 8));
        expect(await judge({ ...message, Signature: signature.toString('base64') })).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    'http://sns.ap-northeast-2.amazonaws.com/x.pem',
    'https://sns.us-east-1.amazonaws.com/x.pem',
    'https://sns.ap-northeast-2.amazonaws.com.evil.example/x.pem',
    'https://evil.example/sns.ap-northeast-2.amazonaws.com/x.pem',
    'https://sns.ap-northeast-2.amazonaws.com@evil.example/x.pem',
    'https://evil.example#.sns.ap-northeast-2.amazonaws.com/x.pem',
    'https://sns.ap-northeast-2.amazonaws.com:8443/x.pem',
    'https://s3.ap-northeast-2.amazonaws.com/x.pem',
    'https://sns.ap-northeast-2.amazonaws.com/x.pem?a=b',
    'https://sns.ap-northeast-2.amazonaws.com/x.txt',
    'https://169.254.169.254/x.pem',
    'file:///x.pem',
    '',
  ])('fetches no certificate from %s', async (SigningCertURL) => {
    const deps = amazon(() => new Response(CERTIFICATE));
    expect(await judge(await signedBySns({ SigningCertURL }), deps)).toBe(false);
    expect(deps.asked).toEqual([]);
  });

  it('asks for a certificate once', async () => {
    const SigningCertURL = CERTIFICATE_URL.replace('test', 'once');
    const deps = amazon(() => new Response(CERTIFICATE));
    for (let i = 0; i < 3; i++) expect(await judge(await signedBySns({ SigningCertURL }), deps)).toBe(true);
    expect(deps.asked).toEqual([SigningCertURL]);
  });

  it.each<[string, () => Response]>([
    ['a redirect', () => new Response(null, { status: 302, headers: { location: CERTIFICATE_URL } })],
    ['no certificate', () => new Response('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')],
    ['something endless', () => new Response(CERTIFICATE + ' '.repeat(20_000))],
  ])('is refused where its certificate is %s', async (what, answer) => {
    const SigningCertURL = CERTIFICATE_URL.replace('test', what.replace(/ /g, '-'));
    expect(await judge(await signedBySns({ SigningCertURL }), amazon(answer))).toBe(false);
  });

  it('is refused of somebody else’s topic, and where no topic is set', async () => {
    expect(await judge(await signedBySns({ TopicArn: TOPIC.replace('reflex', 'other') }))).toBe(false);
    const message = await signedBySns();
    const callback = aCallback(JSON.stringify(message));
    expect(await sesCallbacks.verify(callback, aChannel('email'), amazon())).toBe(false);
  });

  it('is taken a day long, for SNS repeats what it could not bring', async () => {
    const message = await signedBySns();
    const sentAt = Date.parse(message.Timestamp ?? '');
    expect(await judge(message, amazon(), sentAt + 24 * 3_600_000)).toBe(true);
    expect(await judge(message, amazon(), sentAt + 24 * 3_600_000 + 1)).toBe(false);
    expect(await judge(message, amazon(), sentAt - 6 * 60_000)).toBe(false);
  });

  it.each<[string, boolean]>([
    [subscription.SubscribeURL, true],
    [subscription.SubscribeURL.replace('ConfirmSubscription', 'DeleteTopic'), false],
    [subscription.SubscribeURL.replace('sns.ap-northeast-2.amazonaws.com', 'evil.example'), false],
    [subscription.SubscribeURL.replace('https:', 'http:'), false],
    [subscription.SubscribeURL.replace('.com/?', '.com/path?'), false],
    ['http://127.0.0.1/?Action=ConfirmSubscription', false],
  ])('confirms a subscription at %s: %s', async (SubscribeURL, isAsked) => {
    const deps = amazon();
    const message = { ...(await signedBySns({ ...subscription, SubscribeURL })) } as unknown as SnsMessage;
    expect(await confirmSubscription(message, deps)).toBe(isAsked);
    expect(deps.asked).toEqual(isAsked ? [SubscribeURL] : []);
  });

  it('that could not be confirmed is not', async () => {
    const message = (await signedBySns(subscription)) as unknown as SnsMessage;
    expect(
      await confirmSubscription(
        message,
        amazon(() => new Response('', { status: 500 })),
      ),
    ).toBe(false);
    const deps = { fetch: () => Promise.reject(new Error('unreachable')) };
    expect(await confirmSubscription(message, deps)).toBe(false);
  });
});
