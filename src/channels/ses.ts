/**
 * Amazon SES, API v2, signed by SigV4. It knows no idempotency key: the message's id is an e-mail tag, and what was lost
 * on the way stays unknown.
 */
import { AwsClient } from 'aws4fetch';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { emailOf } from './email.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, retryBy } from './http-call.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';

const HOUR_MS = 3_600_000;

export const sesAdapter = createProvider({
  name: 'ses',
  reports: 'messages',
  capabilities: {
    channels: ['email'],
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: (settings) => `https://email.${textSetting(settings, 'region') ?? 'us-east-1'}.amazonaws.com`,
  async send(message, call) {
    const to = emailOf(message.to);
    if (to === null) return { kind: 'rejected', scope: 'address', code: 'email_invalid' };
    const url = `${call.baseUrl}/v2/email/outbound-emails`;
    const body = JSON.stringify(sesEmail(message, to, call.settings));
    const answer = await callHttp({ url, headers: await sign(url, body, call), body }, call);
    return answer.kind === 'lost' ? answer.result : judgeSes(answer, call.now());
  },
});

function sesEmail(
  { id, content, emailHeaders }: OutgoingMessage,
  to: string,
  settings: JsonObject,
): JsonObject {
  const replyTo = textSetting(settings, 'replyTo');
  const configurationSet = textSetting(settings, 'configurationSet');
  const text = textOf(content, 'text');
  const headers = Object.entries(emailHeaders ?? {}).map(([Name, Value]) => ({ Name, Value }));
  const part = (data: string) => ({ Data: data, Charset: 'UTF-8' });
  return {
    FromEmailAddress: textSetting(settings, 'from') ?? '',
    Destination: { ToAddresses: [to] },
    ...(replyTo !== undefined && { ReplyToAddresses: [replyTo] }),
    Content: {
      Simple: {
        Subject: part(textOf(content, 'subject') ?? ''),
        Body: { Html: part(textOf(content, 'html') ?? ''), ...(text !== undefined && { Text: part(text) }) },
        ...(headers.length > 0 && { Headers: headers }),
      },
    },
    EmailTags: [{ Name: 'message_id', Value: id }],
    ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
  };
}

async function sign(url: string, body: string, call: ProviderCall): Promise<Record<string, string>> {
  const { settings, secret, now } = call;
  const client = new AwsClient({
    accessKeyId: textSetting(settings, 'accessKeyId') ?? '',
    secretAccessKey: secret,
    service: 'ses',
    region: textSetting(settings, 'region') ?? 'us-east-1',
    retries: 0,
  });
  const datetime = new Date(now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const headers = { 'content-type': 'application/json' };
  const signed = await client.sign(url, { method: 'POST', headers, body, aws: { datetime } });
  return Object.fromEntries(signed.headers);
}

/** By the exception's name, which stands in a header; its messages carry addresses. */
export function judgeSes(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  if (status === 200) return { kind: 'accepted', providerId: codeIn(body.MessageId, 'ses') };
  const name = (headers.get('x-amzn-errortype') ?? String(body.__type ?? ''))
    .split(':')[0]
    ?.split('#')
    .at(-1);
  const code = codeIn(name, `http_${status}`);
  switch (code) {
    case 'TooManyRequestsException':
      return retryBy(headers, code, now);
    case 'LimitExceededException':
      // The quota is of any 24 hours, so a little of it comes back all the time.
      return { kind: 'park', untilAt: now + HOUR_MS, code };
    case 'BadRequestException':
    case 'MessageRejected':
      return refused(code);
    case 'MailFromDomainNotVerifiedException':
    case 'NotFoundException':
    case 'AccountSuspendedException':
    case 'SendingPausedException':
      return account(code);
    case 'InternalServiceErrorException':
    case 'InternalServiceError':
    case 'InternalFailure':
    case 'ServiceUnavailable':
      // AWS names them where it has done nothing; its own clients repeat them.
      return retryBy(headers, code, now);
    default:
      return { ...judgeStatus(answer, { isIdempotent: false, now }), code } as SendResult;
  }
}
