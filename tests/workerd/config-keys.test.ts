import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readChannelSecret } from '../../src/store/channel-secrets.ts';
import { findKey } from '../../src/store/keys.ts';
import { admin } from '../support/admin-client.ts';

const PRODUCTION = { ...env, ENVIRONMENT: 'production' as const };
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

afterEach(() => {
  vi.useRealTimers();
});

describe('a key', () => {
  test('is seen once, works, and is refused after it was revoked', async () => {
    const created = await admin('POST', 'keys', { kind: 'server', label: 'shop backend' });
    expect(created).toMatchObject({
      status: 201,
      body: { kind: 'server', key: expect.stringMatching(/^sk_[\w-]{32}$/) },
    });
    const { key, id } = created.body;
    expect(await findKey(PRODUCTION, key)).toEqual({ kind: 'server', id });
    const listed = await admin('GET', 'keys');
    expect(listed.body.items).toContainEqual(
      expect.objectContaining({ id, label: 'shop backend', revokedAt: null }),
    );
    expect(JSON.stringify(listed.body)).not.toContain(key);
    const stored = await env.DB.prepare('SELECT * FROM keys').all();
    expect(JSON.stringify(stored.results)).not.toContain(key);

    expect((await admin('DELETE', `keys/${id}`)).status).toBe(204);
    expect(await findKey(PRODUCTION, key)).toBeNull();
    expect((await admin('DELETE', 'keys/key_unknown')).status).toBe(404);
  });

  test('revoked elsewhere is refused here within 10 s', async () => {
    const { body } = await admin('POST', 'keys', { kind: 'write', label: 'app' });
    expect(await findKey(PRODUCTION, body.key)).toMatchObject({ kind: 'write' });
    await env.DB.prepare('UPDATE keys SET revoked_at = 1 WHERE id = ?1').bind(body.id).run();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
    expect(await findKey(PRODUCTION, body.key)).toBeNull();
  });

  test('of local development opens nothing outside of it', async () => {
    for (const key of ['wk_dev', 'sk_dev', 'at_dev']) {
      expect(await findKey(env, key)).toMatchObject({ id: key });
      expect(await findKey(PRODUCTION, key)).toBeNull();
    }
    expect(await findKey(env, 'constructor')).toBeNull();
  });

  test('that is an admin token cannot revoke itself', async () => {
    const { body } = await admin('POST', 'keys', { kind: 'admin', label: 'marketing' });
    const own = { token: body.key };
    expect((await admin('GET', 'keys', undefined, own)).status).toBe(200);
    expect((await admin('DELETE', `keys/${body.id}`, undefined, own)).status).toBe(409);
  });

  test('of another kind does not open the admin API', async () => {
    expect((await admin('GET', 'keys', undefined, { token: 'sk_dev' })).status).toBe(403);
    expect((await admin('GET', 'keys', undefined, { token: 'at_nobody_knows_this_token' })).status).toBe(401);
  });

  test('needs a kind and a label', async () => {
    const refused = await admin('POST', 'keys', { kind: 'god' });
    expect(refused.status).toBe(422);
    expect(refused.body.error.issues.map(({ path }: { path: string }) => path)).toEqual(['kind', 'label']);
  });
});

describe("a channel's secret", () => {
  const webhook = { provider: 'webhook', settings: { url: 'http://127.0.0.1:9999/hook' } };

  test('can be written and never read', async () => {
    const saved = await admin('PUT', 'channels/webhook', { ...webhook, secret: SECRET });
    expect(saved).toMatchObject({ status: 201, body: { provider: 'webhook', hasSecret: true } });
    const answers = [saved, await admin('GET', 'channels/webhook'), await admin('GET', 'channels')];
    const stored = await env.DB.batch([
      env.DB.prepare('SELECT * FROM channel_secrets'),
      env.DB.prepare('SELECT * FROM document_versions'),
    ]);
    expect(JSON.stringify([answers, stored.map(({ results }) => results)])).not.toContain(SECRET.slice(6));
    expect(await readChannelSecret(env, 'webhook')).toBe(SECRET);
  });

  test('stays when the settings are written without it, and a webhook cannot be without one', async () => {
    await admin('PUT', 'channels/webhook', { ...webhook, secret: SECRET });
    const moved = await admin('PUT', 'channels/webhook', {
      ...webhook,
      settings: { url: 'https://shop.example/hook' },
    });
    expect(moved.body).toMatchObject({ settings: { url: 'https://shop.example/hook' }, hasSecret: true });
    expect(await readChannelSecret(env, 'webhook')).toBe(SECRET);
    expect((await admin('PUT', 'channels/webhook', { ...webhook, secret: null })).status).toBe(422);
    expect((await admin('PUT', 'channels/webhook', { ...webhook, secret: 'short' })).status).toBe(422);
  });

  test('goes with its provider', async () => {
    await admin('PUT', 'channels/webhook', { ...webhook, secret: SECRET });
    await admin('PUT', 'channels/webhook', { provider: 'log' });
    expect(await readChannelSecret(env, 'webhook')).toBeNull();
    expect((await admin('PUT', 'channels/webhook', webhook)).status).toBe(422);
  });

  test('of any provider is needed once, kept, and shown to nobody', async () => {
    const sms = { provider: 'solapi', settings: { apiKey: 'NCS0', from: '0212345678' } };
    const without = await admin('PUT', 'channels/sms', sms);
    expect(without).toMatchObject({
      status: 422,
      body: { error: { issues: [{ path: 'secret', message: 'is missing; expected the API secret' }] } },
    });
    const saved = await admin('PUT', 'channels/sms', { ...sms, secret: 'solapi-secret' });
    expect(saved).toMatchObject({ status: 201, body: { hasSecret: true, settings: sms.settings } });
    const again = await admin('PUT', 'channels/sms', {
      ...sms,
      settings: { ...sms.settings, from: '0200000000' },
    });
    expect(again).toMatchObject({ status: 200, body: { hasSecret: true } });
    expect(JSON.stringify([saved, again, await admin('GET', 'channels')])).not.toContain('solapi-secret');
    expect(await readChannelSecret(env, 'sms')).toBe('solapi-secret');
  });

  test('cannot be read as another channel, nor with another deployment secret', async () => {
    await admin('PUT', 'channels/webhook', { ...webhook, secret: SECRET });
    await env.DB.prepare(
      `INSERT INTO channel_secrets SELECT 'email', ciphertext, created_at FROM channel_secrets WHERE channel = 'webhook'`,
    ).run();
    await expect(readChannelSecret(env, 'email')).rejects.toThrow();
  });
});

test('channel settings that this version or deployment cannot serve are refused', async () => {
  const pathsOf = async (path: string, body: object) => {
    const { status, body: answer } = await admin('PUT', path, body);
    return [status, ...answer.error.issues.map(({ path: at }: { path: string }) => at)];
  };
  expect(await pathsOf('channels/push', { provider: 'pigeon', settings: {} })).toEqual([422, 'provider']);
  expect(await pathsOf('channels/push', { provider: 'fcm', settings: {} })).toEqual([422, 'secret']);
  expect(await pathsOf('channels/push', { provider: 'resend', settings: {} })).toEqual([
    422,
    'id',
    'settings.from',
  ]);
  expect(await pathsOf('channels/in_app', { provider: 'log' })).toEqual([422, 'id']);
  expect(await pathsOf('channels/push', { provider: 'log', perMinute: 600 })).toEqual([422, 'perMinute']);
  expect(
    await pathsOf('channels/webhook', { provider: 'webhook', settings: { url: 'ftp://x' }, secret: SECRET }),
  ).toEqual([422, 'settings.url']);
});
