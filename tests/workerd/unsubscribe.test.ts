/** Links in messages, from the whole Worker's outside: who opens one changes nothing, who posts to it is sent no more. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { faultsOfReplacing } from '../../src/admin/dependents.ts';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { profileStub } from '../../src/protocol/stubs.ts';
import { admin } from '../support/admin-client.ts';
import { aDispatcher, aProvider } from '../support/dispatcher.ts';
import { meter } from '../support/profile-meter.ts';
import { twoOfOne } from '../support/profile-pair.ts';
import {
  anEvent,
  inProfile,
  outboxOf,
  send,
  stateOnDisk,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const sender = {
  name: '은빛공방',
  phone: '02-1234-5678',
  address: '서울 종로구 1',
  optOut080: '080-123-4567',
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ONE_CLICK = { raw: 'List-Unsubscribe=One-Click', headers: FORM };

beforeAll(async () => {
  const written = [
    await admin('PUT', 'policies/law', { jurisdiction: 'KR', sender }),
    await admin('PUT', 'policies/workspace', { publicUrl: 'https://edge.example.com/reflex/' }),
    await admin('PUT', 'templates/news', {
      defaultLocale: 'ko',
      locales: {
        ko: {
          email: { subject: '소식', html: '<p>반지</p>', text: '반지' },
          push: { title: '소식', body: '반지 {{message.preferencesUrl}}' },
        },
      },
    }),
    await admin('POST', 'triggers', {
      id: 'news',
      category: 'marketing',
      entry: { on: [{ event: 'News' }] },
      reeligibility: { mode: 'always' },
      steps: [{ id: 'tell', send: { channels: ['email', 'push'], mode: 'all', template: 'news' } }],
    }),
    await admin('POST', 'triggers/news/activate'),
  ];
  for (const { status, body } of written) if (status >= 300) throw new Error(JSON.stringify(body));
});

const consent = (id: string, channel: string, granted = true, purpose = 'marketing') =>
  api.server('PUT', `/v1/profiles/${id}/consents`, { channel, purpose, granted });

/** A user who has got an e-mail; the path of the link that it holds. */
async function mailed(id: string): Promise<{ path: string; text: string }> {
  await consent(id, 'email');
  await api.server('POST', '/v1/track', { userId: id, event: 'News' });
  const text = await vi.waitFor(async () => {
    const { body } = await api.admin('GET', `deliveries?userId=${id}&channel=email`);
    if (!body.items[0]?.content) throw new Error('not sent yet');
    return String(body.items[0].content.text);
  }, 10_000);
  return { path: pathIn(text), text };
}

function pathIn(text: string): string {
  const [, path] = /https:\/\/edge\.example\.com\/reflex(\/u\/[\w.-]+)/.exec(text) ?? [];
  if (!path) throw new Error(`no link in ${text}`);
  return path;
}

/** The whole ledger of a channel and purpose, newest first. */
async function ledger(id: string, channel = 'email', purpose = 'marketing') {
  const state = await stateOnDisk(id.startsWith('anon:') ? await visitor(id.slice(5)) : await user(id));
  return state?.consents.get(`${channel}|${purpose}`)?.map(({ granted }) => granted);
}

describe('a link in an e-mail', () => {
  it('stands at its end, with who sent it', async () => {
    const { text } = await mailed('reads');
    expect(text).toContain(`${sender.name} | ${sender.phone} | ${sender.address}`);
    expect(text).toMatch(/수신거부[^\n]*\/u\/1\.email\.ko\.[\s\S]*unsubscribe/);
  });

  it('[ALL-LINK-GET] opened, by people or scanners, writes no row', async () => {
    const { path } = await mailed('opens');
    await inProfile(await user('opens'), (profile) => profile.describe());
    const before = await ledger('opens');
    const metered = await meter(await user('opens'));
    const cost = await metered.cost(async () => {
      expect((await api.stranger('GET', path)).status).toBe(200);
      const head = await api.stranger('HEAD', path);
      expect([head.status, head.text]).toEqual([200, '']);
    });
    expect(cost).toMatchObject({ rows: 0, alarms: 0, commits: 0, dispatches: 0, factBatches: 0 });
    expect(await ledger('opens')).toEqual(before);
  });

  it('[ALL-LINK-POST] posted to twice, also at once, is one refusal; and a new consent can be taken back again', async () => {
    const { path } = await mailed('posts');
    const answers = await Promise.all([1, 2].map(() => api.stranger('POST', path, undefined, ONE_CLICK)));
    answers.push(await api.stranger('POST', path, undefined, ONE_CLICK));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await ledger('posts')).toEqual([false, true]);
    await consent('posts', 'email');
    await api.stranger('POST', path, undefined, ONE_CLICK);
    expect(await ledger('posts')).toEqual([false, true, false, true]);
  });

  it('forged, cut off or another deployment’s reaches nobody: no object is made', async () => {
    const { path } = await mailed('forged');
    const nobody = await user('never-seen');
    const other = path.replace(/(?<=\.ko\.)[\w-]{27}/, nobody.key);
    for (const wrong of [other, path.slice(0, -1), `${path}x`, '/u/x']) {
      for (const method of ['GET', 'POST']) {
        const { status, text } = await api.stranger(
          method,
          wrong,
          undefined,
          method === 'POST' ? ONE_CLICK : {},
        );
        expect([status, text.startsWith('<!doctype html>')]).toEqual([404, true]);
      }
    }
    expect(await tablesOf(nobody)).toEqual([]);
    expect(await ledger('forged')).toEqual([true]);
  });

  it('of an erased user answers politely and raises nobody from the dead', async () => {
    const { path } = await mailed('erased');
    const ref = await user('erased');
    await vi.waitFor(async () => {
      const { body } = await api.server('DELETE', '/v1/profiles/erased');
      expect(body.status).toBe('erased');
    }, 10_000);
    const tables = await tablesOf(ref);
    for (const method of ['GET', 'POST']) {
      const answer = await api.stranger(method, path, undefined, method === 'POST' ? ONE_CLICK : {});
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('수신자 정보가 남아 있지 않습니다');
    }
    expect(await tablesOf(ref)).toEqual(tables);
    expect(await api.server('GET', '/v1/profiles/erased')).toMatchObject({ status: 404 });
  });

  it('sent to a visitor reaches the user whom the visitor has become', async () => {
    await api.server('PUT', '/v1/profiles/anon:guest/consents', {
      channel: 'email',
      purpose: 'marketing',
      granted: true,
    });
    await api.client('POST', '/v1/track', { anonymousId: 'guest', event: 'News' });
    const { path } = await vi.waitFor(async () => {
      const { body } = await api.admin('GET', 'deliveries?trigger=news&channel=email&limit=100');
      const found = body.items.find((one: { anonymousId: string | null }) => one.anonymousId === 'guest');
      return { path: pathIn(found.content.text) };
    }, 10_000);
    await api.server('POST', '/v1/identify', { userId: 'host', anonymousId: 'guest' });
    const { text } = await api.stranger('POST', path, undefined, ONE_CLICK);
    expect(text).toContain('이메일 광고 수신: 거부 처리 완료');
    expect((await ledger('host'))?.[0]).toBe(false);
  });
});

describe('channels §3 withdrawal between enqueue and dispatch', () => {
  it('[ALL-LINK-QUEUED] what lies in the queue is cancelled, on the refused channel alone', async () => {
    const { path } = await mailed('queued');
    const { known, DISPATCH } = await twoOfOne('queued');
    await consent('queued', 'push');
    // Whatever the hour at which this runs.
    await consent('queued', 'push', true, 'marketing_night');
    await send(known, [anEvent('News')]);
    const waiting = (await outboxOf(known)).filter((id) => id.startsWith('msg_'));
    expect(waiting).toHaveLength(2);
    await api.stranger('POST', path, undefined, ONE_CLICK);
    const provider = aProvider('log', { idempotent: true });
    await aDispatcher(provider).consume(DISPATCH.calls.flat());
    expect(provider.calls).toHaveLength(1);
    expect(provider.calls[0]?.content).toContain('#preferences');
    const state = await stateOnDisk(known);
    expect([...(state?.outbox.keys() ?? [])].filter((id) => id.startsWith('msg_'))).toEqual([]);
    const facts = [...(state?.outbox.values() ?? [])].flatMap((entry) =>
      entry.kind === 'fact' ? [entry.fact] : [],
    );
    expect(
      facts
        .filter(({ kind }) => kind === 'message_cancelled')
        .map(({ message }) => [message?.channel, message?.reason]),
    ).toEqual([['email', 'no_consent']]);
  });
});

describe('the page', () => {
  it('keeps every change in the same ledger as the API, with its source and text', async () => {
    const { path } = await mailed('chooses');
    await consent('chooses', 'push');
    const form = (fields: Record<string, string>) => ({
      raw: new URLSearchParams({ action: 'set', ...fields }).toString(),
      headers: FORM,
    });
    const night = { channel: 'push', purpose: 'marketing_night', granted: 'true' };
    await api.stranger('POST', path, undefined, form(night));
    await api.stranger(
      'POST',
      path,
      undefined,
      form({ channel: 'sms', purpose: 'marketing', granted: 'true' }),
    );
    const { body } = await api.server('GET', '/v1/preferences?userId=chooses');
    expect(body.consents).toContainEqual({
      channel: 'push',
      purpose: 'marketing_night',
      granted: true,
      at: expect.any(String),
      source: expect.stringMatching(/^preferences:msg_/),
      textVersion: 'reflex-preferences-1',
    });
    await api.stranger('POST', path, undefined, { raw: 'action=everything', headers: FORM });
    const after = (await api.server('GET', '/v1/preferences?userId=chooses')).body.consents;
    expect(after).toHaveLength(4);
    expect(after.every(({ granted }: { granted: boolean }) => !granted)).toBe(true);
  });

  it('is asked for no session: a refusal is no visit', async () => {
    const { path } = await mailed('no-visit');
    const sessions = async () => (await profileStub(env, (await user('no-visit')).key).describe())?.sessions;
    const before = await sessions();
    await api.stranger('POST', path, undefined, ONE_CLICK);
    expect(await sessions()).toEqual(before);
  });
});

describe('where the deployment is reached', () => {
  it('can’t be forgotten while an e-mail’s way out leads there', async () => {
    const settings = { from: 'shop@shop.kr' };
    const channel = { provider: 'resend', settings, secret: 're_0123456789' };
    expect((await admin('PUT', 'channels/email', channel)).status).toBeLessThan(300);
    const policy = { id: 'workspace', tz: 'Asia/Seoul', locale: 'ko', currency: 'KRW' };
    const elsewhere = (more: object) => ({ ...env, ENVIRONMENT: 'production' as const, ...more });
    const faults = (more: object, document: JsonObject & { id: string } = policy) =>
      faultsOfReplacing(elsewhere(more), 'policy', document);
    const lacking = expect.objectContaining({
      path: 'triggers.news.steps.0.send.channels.0',
      message: expect.stringContaining('PUBLIC_URL'),
    });
    expect(await faults({})).toContainEqual(lacking);
    expect(await faults({ PUBLIC_URL: 'edge.example.com' })).toContainEqual(lacking);
    expect(await faults({ PUBLIC_URL: 'https://edge.example.com' })).toEqual([]);
    expect(await faults({}, { ...policy, publicUrl: 'https://new.example.com' })).toEqual([]);
    await admin('DELETE', 'channels/email');
  });

  it('must be an https address', async () => {
    for (const publicUrl of [
      'http://edge.example.com',
      'edge.example.com',
      'https://a.b/?x=1',
      'javascript:x',
    ]) {
      const { status, body } = await admin('PUT', 'policies/workspace', { publicUrl });
      expect([status, body.error.issues[0].path]).toEqual([422, 'publicUrl']);
    }
    expect((await admin('PUT', 'policies/workspace', { publicUrl: 'http://127.0.0.1:8787' })).status).toBe(
      200,
    );
  });
});
