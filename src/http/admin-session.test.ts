import { describe, expect, it } from 'vitest';
import { readSession, requireOwnOrigin, type Session, sessionCookie, signSession } from './admin-session.ts';

const env = { ID_SECRET: 'a-secret-of-this-deployment' };
const now = Date.parse('2026-12-01T00:00:00Z');
const session: Session = { id: 'key_1', print: 'abc', expiresAt: now + 1000 };
const url = new URL('https://reflex.example/admin/api/triggers');

const withCookie = (value: string) =>
  new Request(url, { headers: { cookie: `other=1; reflex_admin=${value}; more=2` } });

describe('a session', () => {
  it('is read back as it was signed, until its end', async () => {
    const request = withCookie(await signSession(env, session));
    expect(await readSession(env, request, now)).toEqual(session);
    expect(await readSession(env, request, session.expiresAt - 1)).toEqual(session);
    expect(await readSession(env, request, session.expiresAt)).toBeNull();
  });

  it('of another deployment is none', async () => {
    const foreign = await signSession({ ID_SECRET: 'another' }, session);
    expect(await readSession(env, withCookie(foreign), now)).toBeNull();
  });

  it('that was changed anywhere is none', async () => {
    const value = await signSession(env, session);
    const [payload = '', signature = ''] = value.split('.');
    const longer = btoa(JSON.stringify({ ...session, expiresAt: now + 1e9 })).replaceAll('=', '');
    const others = [
      `${longer}.${signature}`,
      `${payload}.`,
      payload,
      `.${signature}`,
      `${value}.x`,
      '',
      '.',
      '%%%.%%%',
    ];
    for (const other of [...others, `${value}${'A'.repeat(600)}`]) {
      expect([other, await readSession(env, withCookie(other), now)]).toEqual([other, null]);
    }
    expect(await readSession(env, new Request(url), now)).toBeNull();
  });
});

describe('a change', () => {
  const change = (origin?: string) =>
    new Request(url, { method: 'POST', headers: origin === undefined ? {} : { origin } });

  it('counts from a page of this origin only', () => {
    expect(() => requireOwnOrigin(change(url.origin), url)).not.toThrow();
    for (const origin of [
      'https://evil.example',
      'http://reflex.example',
      'https://reflex.example.evil',
      'null',
      undefined,
    ]) {
      expect(() => requireOwnOrigin(change(origin), url)).toThrow('server’s own address');
    }
  });
});

it('its cookie is out of reach of scripts and of other sites, and is sent to the admin page alone', () => {
  expect(sessionCookie(url, 'v')).toBe(
    'reflex_admin=v; Path=/admin; HttpOnly; SameSite=Strict; Max-Age=43200; Secure',
  );
  expect(sessionCookie(new URL('http://127.0.0.1:8787/'), null)).toBe(
    'reflex_admin=; Path=/admin; HttpOnly; SameSite=Strict; Max-Age=0',
  );
});
