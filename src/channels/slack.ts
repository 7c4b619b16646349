/**
 * Slack's incoming webhooks, as a provider of the channel `webhook`: the template's `webhook.data` is the message, a text
 * or an object with `text` and `blocks`. The address is the secret: whoever has it may post. There is no idempotency.
 */
import type { Json } from '../engine/vocabulary.ts';
import type { SendResult } from './channel.ts';
import { callHttp, codeIn, type HttpAnswer, judgeStatus, objectIn, retryBy } from './http-call.ts';
import { account, createProvider, refused } from './provider.ts';

const PATH = /^https:\/\/hooks\.slack\.com(\/services\/[A-Za-z0-9/]{1,200})$/;

export const slackAdapter = createProvider({
  name: 'slack',
  capabilities: {
    channels: ['webhook'],
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'none',
    unitCost: { amount: 0, currency: 'KRW' },
  },
  baseUrl: () => 'https://hooks.slack.com',
  async send({ content }, call) {
    const path = PATH.exec(call.secret)?.[1];
    if (path === undefined) return account('secret_unusable');
    const body = slackBody(content.data ?? null);
    if (!body) return refused('no_text');
    const answer = await callHttp(
      {
        url: call.baseUrl + path,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeSlack(answer, call.now());
  },
});

/** Null where there is nothing to say. */
export function slackBody(data: Json): { [field: string]: Json } | null {
  if (typeof data === 'string') return data === '' ? null : { text: data };
  const { text, blocks } = objectIn(data);
  if (text === undefined && blocks === undefined) return null;
  return { ...(text !== undefined && { text }), ...(blocks !== undefined && { blocks }) };
}

/** Slack answers in plain text: `ok`, or one word of what is wrong. */
export function judgeSlack(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  if (status === 200) return { kind: 'accepted' };
  const code = codeIn(text.trim(), `http_${status}`);
  // The webhook was removed, its channel archived, or the app may no longer post.
  if (status === 403 || status === 404 || status === 410) return account(code);
  if (status === 400) return refused(code);
  if (status === 429) return retryBy(headers, code, now, 1_000);
  return judgeStatus(answer, { isIdempotent: false, now });
}
