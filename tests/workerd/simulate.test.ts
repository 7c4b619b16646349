import { describe, expect, test } from 'vitest';
import { admin } from '../support/admin-client.ts';

const template = {
  id: 'hello',
  defaultLocale: 'ko',
  locales: { ko: { in_app: { layout: 'modal', title: '반가워요', body: '오늘도 좋은 하루 보내세요.' } } },
};
const trigger = {
  id: 'hello',
  category: 'marketing',
  entry: { on: [{ event: '$page' }] },
  reeligibility: { mode: 'never' },
  steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hello' } }],
};
const view = (at: string, expected: object) => ({
  at,
  call: { method: 'POST', path: '/v1/page?sync=1', body: { anonymousId: 'simulated', name: 'Home' } },
  expect: expected,
});

describe('POST /admin/api/simulate', () => {
  test('plays a life and answers its report, and nothing of it is kept', async () => {
    const life = [
      view('2027-03-02T10:00:00+09:00', { messages: [{ trigger: 'hello', contains: ['반가워요'] }] }),
      view('2027-03-16T10:00:00+09:00', { messages: [{ trigger: 'hello' }] }),
    ];
    const { status, body } = await admin('POST', 'simulate', {
      documents: { templates: [template], triggers: [trigger] },
      life,
    });
    expect(status).toBe(200);
    expect(body.failures).toEqual([
      { step: 1, at: life[1]?.at, text: expect.stringMatching(/^expected a message .*; came nothing else$/) },
    ]);
    expect(body.deliveries).toMatchObject([
      { trigger: 'hello', anonymousId: 'simulated', channel: 'in_app' },
    ]);
    expect((await admin('GET', 'triggers/hello')).status).toBe(404);
    expect((await admin('GET', 'profiles/anon:simulated')).status).toBe(404);
  });

  test('refuses documents that can’t work with 422, and what is no life with 400', async () => {
    const unknown = await admin('POST', 'simulate', { documents: { triggers: [trigger] }, life: [] });
    expect(unknown.status).toBe(422);
    expect(unknown.body.error.issues[0].path).toBe('documents.triggers.0.steps.0.send.template');
    const timeless = await admin('POST', 'simulate', { documents: {}, life: [{ at: 'soon', call: null }] });
    expect(timeless.status).toBe(400);
    expect(timeless.body.error.issues[0].path).toBe('life.0.at');
    const life = Array.from({ length: 5_001 }, () => ({ at: '2027-03-02T10:00:00Z', call: null }));
    const long = await admin('POST', 'simulate', { documents: {}, life });
    expect(long.body.error.issues[0].message).toContain('at most 5000 steps');
  });
});
