import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';

describe('policies', () => {
  test('that nothing would keep to are refused by name', async () => {
    const unknown = await admin('PUT', 'policies/frequency', { rules: [] });
    expect([unknown.status, unknown.body.error.issues[0].path]).toEqual([422, 'id']);
    const faults = await admin('PUT', 'policies/quiet_hours', { from: '25:00', to: '08:00', action: 'wait' });
    expect(faults.status).toBe(422);
    expect(faults.body.error.issues.map(({ path }: { path: string }) => path)).toEqual(['from', 'action']);
    expect((await admin('PUT', 'policies/holdout', { share: 5 })).body.error.issues[0].path).toBe('share');
    expect((await admin('PUT', 'policies/workspace', { tz: 'Asia/Seul' })).body.error.issues[0].path).toBe(
      'tz',
    );
  });

  test('of quiet hours and of a hold-out are in force once they are written', async () => {
    const quiet = await admin('PUT', 'policies/quiet_hours', { from: '22:00', to: '09:00' });
    expect(quiet.body).toMatchObject({ from: '22:00', to: '09:00', tz: 'user', action: 'hold' });
    await admin('PUT', 'policies/holdout', { share: 0.05 });
    const { policies } = await loadConfig(env);
    expect([policies.quietHours?.from, policies.holdout.share]).toEqual(['22:00', 0.05]);
    await admin('PUT', 'policies/holdout', { share: 0 });
  });

  test('say what they leave out', async () => {
    const saved = await admin('PUT', 'policies/workspace', { identity: 'off' });
    expect(saved.body).toMatchObject({ tz: 'Asia/Seoul', sessionTimeout: '30m', identity: 'off' });
    expect((await loadConfig(env)).policies.workspace.identity).toBe('off');
  });
});

describe('lists', () => {
  test('answer newest first, page by page', async () => {
    for (const id of ['p1', 'p2', 'p3']) await admin('PUT', `lookups/${id}`, { rows: [{ key: id }] });
    const first = await admin('GET', 'lookups?limit=2');
    expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(['p3', 'p2']);
    const rest = await admin('GET', `lookups?limit=2&cursor=${first.body.cursor}`);
    expect(rest.body).toMatchObject({ items: [{ id: 'p1' }], cursor: null });
  });

  test('of changes say who did what to which version', async () => {
    await admin('PUT', 'segments/audited', { if: { field: 'user.known', op: 'eq', value: true } });
    await admin('PUT', 'segments/audited', { if: { field: 'user.known', op: 'eq', value: false } });
    await admin('DELETE', 'segments/audited');
    const { body } = await admin('GET', 'audit?limit=3');
    const by = { author: 'at_dev', kind: 'segment', document: 'audited', at: expect.stringMatching(/Z$/) };
    expect(body.items).toMatchObject([
      { ...by, action: 'delete', beforeVersion: 2, afterVersion: null },
      { ...by, action: 'update', beforeVersion: 1, afterVersion: 2 },
      { ...by, action: 'create', beforeVersion: null, afterVersion: 1 },
    ]);
  });
});

test('many writers at once all land, each on what the other left', async () => {
  const ids = Array.from({ length: 8 }, (_, i) => `racer-${i}`);
  const answers = await Promise.all(ids.map((id) => admin('PUT', `lookups/${id}`, { rows: [{ key: id }] })));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
  const config = await loadConfig(env);
  expect(ids.filter((id) => config.lookups.has(id))).toEqual(ids);
  const { head } = config;
  const { body } = await admin('GET', 'audit?limit=1');
  expect(body.items[0].id).toBe(String(head));
});

test('stop-all stops everything with one call, and lets it go on', async () => {
  expect((await admin('POST', 'stop-all', { stopped: true })).body).toEqual({ stopped: true });
  expect((await loadConfig(env)).stopped).toBe(true);
  await admin('POST', 'stop-all', { stopped: false });
  expect((await loadConfig(env)).stopped).toBe(false);
  expect((await admin('POST', 'stop-all', { stopped: 'yes' })).status).toBe(400);
});
