import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const SECRET = 'the-secret-of-the-shop-backend-0123456789';
const HOUR = 3_600;
const now = () => Math.floor(Date.now() / 1000);

let ownKey: GenerateKeyPairResult;
let foreignKey: GenerateKeyPairResult;
let server: RunningServer;
let api: Api;
beforeAll(async () => {
  ownKey = await generateKeyPair('ES256');
  foreignKey = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(ownKey.publicKey)), alg: 'ES256' }] };
  server = await startServer({
    demo: true,
    env: { USER_TOKEN_SECRET: SECRET, USER_TOKEN_JWKS: JSON.stringify(jwks) },
  });
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function setMode(identity: string): Promise<void> {
  const { body } = await api.admin('GET', 'policies/workspace');
  expect((await api.admin('PUT', 'policies/workspace', { ...body, identity })).status).toBe(200);
}

/** A token as the shop's backend signs it. */
function sign(claims: JWTPayload, { secret = SECRET, alg = 'HS256' } = {}): Promise<string> {
  return new SignJWT({ exp: now() + HOUR, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

function signEs256(claims: JWTPayload, { privateKey }: GenerateKeyPairResult): Promise<string> {
  return new SignJWT({ exp: now() + HOUR, ...claims }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
}

let users = 0;
function newUser(): string {
  return `identity-user-${++users}`;
}

const SEARCH = { event: 'Products Searched', properties: { query: '실반지' } };

function search(ids: object, token?: string): Promise<Answer> {
  return api.client('POST', '/v1/track?sync=1', { ...SEARCH, ...ids }, withToken(token));
}

function next(ids: Record<string, string>, token?: string): Promise<Answer> {
  return api.client('GET', `/v1/messages/next?${new URLSearchParams(ids)}`, undefined, withToken(token));
}

function withToken(token?: string) {
  return token === undefined ? {} : { headers: { 'x-user-token': token } };
}

const PROMPT = { status: 200, body: { messages: [{ trigger: 'search-prompt' }] } };
const TOKEN_REQUIRED = { status: 200, body: { identity: 'token_required', messages: [] } };

/** Tokens that prove nothing about this user, though some are well signed. */
const WORTHLESS: [string, (userId: string) => Promise<string>][] = [
  ['another user’s', () => sign({ sub: 'somebody-else' })],
  ['expired', (sub) => sign({ sub, exp: now() - 60 })],
  [
    'signed with another secret',
    (sub) => sign({ sub }, { secret: 'a-secret-of-somebody-else-0123456789abcdef' }),
  ],
  ['signed with a key pair of somebody else', (sub) => signEs256({ sub }, foreignKey)],
  ['good for more than a day', (sub) => sign({ sub, exp: now() + 25 * HOUR })],
  ['without an end', (sub) => sign({ sub, exp: undefined as never })],
  ['of nobody', () => sign({})],
  ['signed in another way', (sub) => sign({ sub }, { alg: 'HS512' })],
  ['not signed', async (sub) => `${part({ alg: 'none' })}.${part({ sub, exp: now() + HOUR })}.`],
  ['cut off', async (sub) => (await sign({ sub })).slice(0, -4)],
  ['no token at all', async () => 'nonsense'],
];

function part(value: object): string {
  return btoa(JSON.stringify(value)).replaceAll('=', '');
}

describe('where proof is optional', () => {
  beforeAll(() => setMode('optional'));

  it('a known user’s events are taken without a token, their messages are not given', async () => {
    const userId = newUser();
    expect(await search({ userId })).toMatchObject(TOKEN_REQUIRED);
    expect(await next({ userId })).toMatchObject(TOKEN_REQUIRED);
    const { body } = await api.admin('GET', `profiles/${userId}`);
    expect(body.timeline).toMatchObject([{ name: 'Products Searched' }]);
  });

  it.each([
    ['HS256', (userId: string) => sign({ sub: userId })],
    ['ES256', (userId: string) => signEs256({ sub: userId }, ownKey)],
  ])('with their token they are given: %s', async (_alg, make) => {
    const userId = newUser();
    const token = await make(userId);
    expect(await search({ userId }, token)).toMatchObject(PROMPT);
    expect(await next({ userId }, token)).toMatchObject(PROMPT);
  });

  it('with the server key they are given for any user', async () => {
    const userId = newUser();
    expect(await api.server('POST', '/v1/track?sync=1', { ...SEARCH, userId })).toMatchObject(PROMPT);
    expect(await api.server('GET', `/v1/messages/next?userId=${userId}`)).toMatchObject(PROMPT);
  });

  it('an anonymous visitor needs none', async () => {
    const anonymousId = newUser();
    expect(await search({ anonymousId })).toMatchObject(PROMPT);
    expect(await next({ anonymousId })).toMatchObject(PROMPT);
  });

  it('whoever knows the old anonymous id is not given the messages of the user it has become', async () => {
    const [userId, anonymousId] = [newUser(), newUser()];
    await search({ userId });
    await api.client('POST', '/v1/identify', { userId, anonymousId });
    expect(await next({ anonymousId })).toMatchObject(TOKEN_REQUIRED);
    expect(await search({ anonymousId })).toMatchObject(TOKEN_REQUIRED);
  });

  it('a device is registered for a known user only with their token', async () => {
    const userId = newUser();
    const device = { userId, type: 'fcm', token: 'device-token-1', platform: 'android' };
    expect((await api.client('POST', '/v1/devices', device)).status).toBe(401);
    const token = await sign({ sub: userId });
    expect((await api.client('POST', '/v1/devices', device, withToken(token))).status).toBe(200);
  });

  it.each(WORTHLESS)('a token that is %s is 401, and nothing is told or written', async (_what, make) => {
    const userId = newUser();
    const token = await make(userId);
    for (const answer of [await search({ userId }, token), await next({ userId }, token)]) {
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'invalid_user_token' } } });
      expect(answer.text).not.toContain(token.slice(0, 20));
    }
  });

  it('every worthless token gets the very same answer', async () => {
    const userId = newUser();
    const bodies = await Promise.all(
      WORTHLESS.map(async ([, make]) => (await next({ userId }, await make(userId))).text),
    );
    expect(new Set(bodies).size).toBe(1);
  });
});

describe('where proof is required', () => {
  beforeEach(() => setMode('required'));

  it('a known user’s events need the token too', async () => {
    const userId = newUser();
    expect(await search({ userId })).toMatchObject({
      status: 401,
      body: { error: { code: 'token_required' } },
    });
    expect((await api.admin('GET', `profiles/${userId}`)).status).toBe(404);
    expect(await search({ userId }, await sign({ sub: userId }))).toMatchObject(PROMPT);
  });

  it('of a batch, the proven and the anonymous events are taken and the others named', async () => {
    const [proven, other, anonymousId] = [newUser(), newUser(), newUser()];
    const event = { type: 'track', event: 'Thing Seen' };
    const batch = [
      { ...event, userId: proven },
      { ...event, userId: other },
      { ...event, anonymousId },
    ];
    const answer = await api.client('POST', '/v1/batch', { batch }, withToken(await sign({ sub: proven })));
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 1, code: 'unauthorized' }] } });
    const statuses = await Promise.all(
      [proven, other, `anon:${anonymousId}`].map(
        async (id) => (await api.admin('GET', `profiles/${id}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 404, 200]);
  });
});

describe('where proof is off', () => {
  beforeAll(() => setMode('off'));

  it('a userId is believed', async () => {
    const userId = newUser();
    expect(await search({ userId })).toMatchObject(PROMPT);
    expect(await next({ userId })).toMatchObject(PROMPT);
  });
});
