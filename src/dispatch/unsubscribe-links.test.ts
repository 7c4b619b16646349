/** The links and headers of a marketing e-mail, as providers get them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { aMessage, aWorld, claimed, hint } from '../../tests/support/dispatch-world.ts';
import type { OutgoingMessage } from '../channels/channel.ts';
import { logAdapter } from '../channels/log.ts';
import { UNSIGNED, unsignedLinks } from '../engine/send/links/unsubscribe-link.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import { profileKey } from '../protocol/profile-key.ts';
import type { ClaimResult } from '../protocol/rpc.ts';
import { readUnsubscribeToken } from '../protocol/unsubscribe-token.ts';

const env = { ID_SECRET: 'dispatch-world' };
const messageId = 'msg_0gpb5lkv8x81ayklpl9t18_0xctko0do5u_0';

let w: ReturnType<typeof aWorld>;
let key: string;
/** What reached the provider, attempt by attempt. */
let sent: OutgoingMessage[];
beforeEach(async () => {
  w = aWorld();
  sent = [];
  key = await profileKey(env, 'user', 'u1');
  w.world.template = {
    id: 'price-drop',
    defaultLocale: 'ko',
    locales: {
      ko: {
        email: { subject: '소식', html: '<p>반지</p>', text: '반지' },
        lms: { text: '반지 {{message.preferencesUrl}}' },
      },
    },
  };
  w.world.adapter = {
    ...logAdapter,
    send: async (message) => {
      sent.push(message);
      return sent.length === 1 ? { kind: 'retry', code: 'busy' } : { kind: 'accepted' };
    },
  };
});

function anEmail(change: Partial<MessageInput> = {}): MessageInput {
  const link = { channel: 'email', language: 'ko', profileKey: key, messageId } as const;
  const message = { id: messageId, ...unsignedLinks('https://edge.example.com', link) };
  return aMessage({ messageId, channel: 'email', values: { message }, ...change });
}

async function dispatch(...claims: ClaimResult[]): Promise<void> {
  w.claims.set(`p1/${messageId}`, claims);
  for (const _ of claims) await w.consume([hint(messageId)]);
}

const header = (message: OutgoingMessage | undefined) => message?.emailHeaders?.['List-Unsubscribe'] ?? '';

describe('channels §3 RFC 8058: a marketing e-mail', () => {
  it('[ALL-EMAIL-HEADERS] carries both headers, whose link is signed and says whose message it is', async () => {
    await dispatch(claimed(anEmail()));
    expect(sent[0]?.emailHeaders).toEqual({
      'List-Unsubscribe': expect.stringMatching(/^<https:\/\/edge\.example\.com\/u\/[\w.-]+>$/),
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    const token = header(sent[0]).slice('<https://edge.example.com/u/'.length, -1);
    expect(await readUnsubscribeToken(env, token)).toEqual({
      channel: 'email',
      language: 'ko',
      profileKey: key,
      messageId,
    });
    expect(JSON.stringify(sent[0]?.content)).toContain(token);
    expect(JSON.stringify(sent[0])).not.toContain(UNSIGNED);
  });

  it('is the same on every attempt, also where the deployment has moved meanwhile', async () => {
    await dispatch(claimed(anEmail()));
    w.world.publicUrl = 'https://elsewhere.example.com';
    await dispatch(claimed(anEmail(), 2));
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
  });

  it('that an older build decided without a link gets one all the same', async () => {
    await dispatch(claimed(anEmail({ values: { user: { id: 'u1' } } })));
    expect(header(sent[0])).toContain('https://edge.example.com/u/1.email.ko.p1.');
  });

  it('[ALL-EMAIL-WAY-OUT] without any way out is never sent', async () => {
    w.world.publicUrl = null;
    await dispatch(claimed(anEmail({ values: { user: { id: 'u1' } } })));
    expect(sent).toEqual([]);
    expect(w.rows.get(messageId)).toMatchObject({ status: 'failed', reason: 'render_error' });
  });
});

it('[ALL-EMAIL-TRANSACTIONAL] a transactional e-mail carries neither headers nor footer', async () => {
  await dispatch(claimed(anEmail({ category: 'transactional' })));
  expect(sent[0]?.emailHeaders).toBeUndefined();
  expect(sent[0]?.content.text).toBe('반지');
});

it('a text message that mentions the preferences leads to them', async () => {
  const { values } = anEmail();
  await dispatch(claimed(anEmail({ channel: 'lms', values })));
  expect(sent[0]?.content.text).toMatch(/반지 https:\/\/edge\.example\.com\/u\/[\w.-]+#preferences/);
  expect(sent[0]?.emailHeaders).toBeUndefined();
});
