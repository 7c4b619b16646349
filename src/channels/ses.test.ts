import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import localSes from 'aws-ses-v2-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, EMAIL, MESSAGE_ID, sendDeps } from '../../tests/support/channel-kit.ts';
import { judgeSes, sesAdapter } from './ses.ts';

const content = { subject: '(광고) 가격 인하', html: '<p>실반지</p>', text: '실반지' };
const settings = {
  region: 'ap-northeast-2',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  from: 'news@example.com',
  replyTo: 'help@example.com',
  configurationSet: 'events',
};
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const emailHeaders = { 'List-Unsubscribe': '<https://edge.example.com/u/x>' };
const message = aMessageFor('email', content, { to: [EMAIL], emailHeaders });
const NOW = Date.UTC(2026, 10, 24, 1, 2, 3, 456);

/** A CommonJS module: its default export is the module, or in it. */
const startLocalSes = (localSes as unknown as { default?: typeof localSes }).default ?? localSes;

describe('asks SES', () => {
  it('for the same as AWS’s own client', async () => {
    const { theirs, ours, close } = await bothRequests();
    const about = (request: typeof ours) => ({
      method: request?.method,
      path: request?.path,
      body: JSON.parse(request?.body ?? ''),
    });
    expect(about(ours)).toEqual(about(theirs));
    await close();
  });

  it('with the signature that AWS’s own client makes of the same request', async () => {
    const { ours, close } = await bothRequests();
    const { authorization = '', host = '' } = ours?.headers ?? {};
    const [hostname = '', port] = host.split(':');
    const client = new SESv2Client({ region: settings.region, credentials: credentials() });
    const signer = (await client.config.signer({
      name: 'sigv4',
      signingName: 'ses',
      signingRegion: settings.region,
      properties: {},
    })) as unknown as {
      sign(request: object, options: object): Promise<{ headers: Record<string, string> }>;
    };
    const request = {
      method: ours?.method,
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: ours?.path,
      query: {},
      headers: { host },
      body: ours?.body,
    };
    // The body's digest is part of every signature; AWS's client also sends it as a header, which ours need not.
    const unsignableHeaders = new Set(['x-amz-content-sha256']);
    const signed = await signer.sign(request, { signingDate: new Date(NOW), unsignableHeaders });
    expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA.+, Signature=[0-9a-f]{64}$/);
    expect(authorization).toBe(signed.headers.authorization);
    await close();
  });
});

function credentials() {
  return { accessKeyId: settings.accessKeyId, secretAccessKey: secret };
}

/** One e-mail by both, at one instant. */
async function bothRequests() {
  const server = await captureServer(() => ({ body: { MessageId: '0101' } }));
  const client = new SESv2Client({
    region: settings.region,
    credentials: credentials(),
    endpoint: server.url,
    maxAttempts: 1,
  });
  await client.send(
    new SendEmailCommand({
      FromEmailAddress: settings.from,
      Destination: { ToAddresses: ['someone@example.com'] },
      ReplyToAddresses: [settings.replyTo],
      Content: {
        Simple: {
          Subject: { Data: content.subject, Charset: 'UTF-8' },
          Body: {
            Html: { Data: content.html, Charset: 'UTF-8' },
            Text: { Data: content.text, Charset: 'UTF-8' },
          },
          Headers: [{ Name: 'List-Unsubscribe', Value: '<https://edge.example.com/u/x>' }],
        },
      },
      EmailTags: [{ Name: 'message_id', Value: MESSAGE_ID }],
      ConfigurationSetName: 'events',
    }),
  );
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret, now: () => NOW });
  expect(await sesAdapter.send(message, deps)).toEqual({ kind: 'accepted', providerId: '0101' });
  const [theirs, ours] = server.requests;
  return { theirs, ours, close: server.close };
}

describe('a local SES', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = await startLocalSes({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  it('takes the e-mail and shows it as it was meant', async () => {
    const { configurationSet: _, ...rest } = settings;
    const deps = sendDeps({ settings: { ...rest, endpoint: url }, secret });
    expect(await sesAdapter.send(message, deps)).toMatchObject({ kind: 'accepted' });
    const store = (await (await fetch(`${url}/store`)).json()) as { emails: object[] };
    expect(store.emails).toMatchObject([
      {
        subject: '(광고) 가격 인하',
        from: 'news@example.com',
        destination: { to: ['someone@example.com'] },
        replyTo: ['help@example.com'],
        body: { html: '<p>실반지</p>', text: '실반지' },
      },
    ]);
  });
});

const account = { kind: 'rejected', scope: 'account' };
const refused = { kind: 'rejected', scope: 'message' };
it.each([
  [400, 'BadRequestException', refused],
  [400, 'MessageRejected', refused],
  [400, 'MailFromDomainNotVerifiedException', account],
  [404, 'NotFoundException', account],
  [400, 'AccountSuspendedException', account],
  [400, 'SendingPausedException', account],
  [403, 'SignatureDoesNotMatch', account],
  [403, 'InvalidClientTokenId', account],
  [429, 'TooManyRequestsException', { kind: 'retry' }],
  [400, 'LimitExceededException', { kind: 'park', untilAt: 3_600_000 }],
  [500, 'InternalServiceErrorException', { kind: 'retry' }],
  [503, 'ServiceUnavailable', { kind: 'retry' }],
  [502, undefined, { kind: 'unknown' }],
  [504, undefined, { kind: 'unknown' }],
])('%i %s means %j', (status, name, expected) => {
  const headers: Record<string, string> = name
    ? { 'x-amzn-errortype': `${name}:http://internal.amazon.com/` }
    : {};
  expect(judgeSes(answerOf(status, { message: 'words' }, headers), 0)).toMatchObject(expected);
});

it('reads the exception’s name from the body as well', () => {
  expect(judgeSes(answerOf(400, { __type: 'com.amazonaws.ses#MessageRejected' }), 0)).toMatchObject({
    scope: 'message',
    code: 'MessageRejected',
  });
});
