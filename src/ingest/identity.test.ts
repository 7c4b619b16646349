import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { basic, ingestHarness } from '../../tests/support/ingest-harness.ts';
import { verifyUserToken } from './user-token.ts';

const SECRET = 'user-token-secret-of-at-least-32-bytes';
const SECOND = 1_000;
const NOW = Date.now();
const HOUR = 3_600;

const bytes = (text: string) => new TextEncoder().encode(text);
const seconds = Math.floor(NOW / SECOND);

function hs256(claims: object, secret = SECRET): Promise<string> {
  return new SignJWT({ sub: 'u1', exp: seconds + HOUR, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(bytes(secret));
}

describe('a user token', () => {
  const env = { USER_TOKEN_SECRET: SECRET };
  let es256: Awaited<ReturnType<typeof generateKeyPair>>;
  let jwks: { USER_TOKEN_JWKS: string };

  beforeAll(async () => {
    es256 = await generateKeyPair('ES256');
    const jwk = await exportJWK(es256.publicKey);
    const old = await exportJWK((await generateKeyPair('ES256')).publicKey);
    jwks = {
      USER_TOKEN_JWKS: JSON.stringify({
        keys: [
          { ...old, kid: 'old' },
          { ...jwk, kid: 'new' },
        ],
      }),
    };
  });

  function es(kid: string, claims: object = {}) {
    return new SignJWT({ sub: 'u1', exp: seconds + HOUR, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(es256.privateKey);
  }

  test('names its user when HS256 has signed it with the secret', async () => {
    expect(await verifyUserToken(env, await hs256({}), NOW)).toBe('u1');
  });

  test('names its user when ES256 has signed it with a key of the set', async () => {
    expect(await verifyUserToken(jwks, await es('new'), NOW)).toBe('u1');
  });

  test.each([
    ['24 hours', 24 * HOUR],
    ['a clock 20 seconds ahead of ours', 24 * HOUR + 20],
    ['20 seconds ago', -20],
  ])('may expire in %s', async (_when, exp) => {
    expect(await verifyUserToken(env, await hs256({ exp: seconds + exp }), NOW)).toBe('u1');
  });

  const none = (claims: object) =>
    `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ sub: 'u1', exp: seconds + HOUR, ...claims }))}.`;

  test.each([
    ['expired', () => hs256({ exp: seconds - 60 })],
    ['without expiry', () => hs256({ exp: undefined })],
    ['for longer than a day', () => hs256({ exp: seconds + 25 * HOUR })],
    ['not valid yet', () => hs256({ nbf: seconds + HOUR })],
    ['without a user', () => hs256({ sub: undefined })],
    ['with an empty user', () => hs256({ sub: '' })],
    ['signed with another secret', () => hs256({}, 'another-secret-of-at-least-32-bytes!')],
    ['signed with nothing', async () => none({})],
    ['not a token', async () => 'x.y.z'],
    ['empty', async () => ''],
    ['signed by another key of the set', () => es('old')],
    ['signed by a key that is not in the set', () => es('unknown')],
    ['an HS256 that takes the public key set for a secret', () => hs256({}, jwks.USER_TOKEN_JWKS)],
  ])('that is %s is 401, the same body for each', async (_how, make) => {
    const keys = { ...env, ...jwks };
    await expect(verifyUserToken(keys, await make(), NOW)).rejects.toMatchObject({
      status: 401,
      code: 'invalid_user_token',
      message: expect.stringContaining('at most 24 hours'),
    });
  });

  test('is 401 where the deployment has no key for it', async () => {
    await expect(verifyUserToken({}, await hs256({}), NOW)).rejects.toMatchObject({ status: 401 });
    await expect(verifyUserToken(jwks, await hs256({}), NOW)).rejects.toMatchObject({ status: 401 });
  });
});

describe('identity modes', () => {
  const event = (userId: string | null) => ({ type: 'track', event: 'X', userId, anonymousId: 'a1' });
  const known = event('u1');
  const anonymous = { ...known, userId: null };
  const wrong = () => hs256({}, 'another-secret-of-at-least-32-bytes!');
  const foreign = () => hs256({ sub: 'u2' });

  async function send(
    mode: 'off' | 'optional' | 'required',
    body: object,
    token?: () => Promise<string>,
    key = 'wk_test',
  ) {
    const { post, requests } = ingestHarness(mode, { USER_TOKEN_SECRET: SECRET });
    const headers = { authorization: basic(key), ...(token && { 'x-user-token': await token() }) };
    const answer = await post('/v1/track?sync=1', body, headers);
    const { messages, identity } = answer.body as { messages?: unknown[]; identity?: string };
    return { status: answer.status, messages: messages?.length, identity, reached: requests.length };
  }

  const shown = { status: 200, messages: 1, identity: undefined, reached: 1 };
  const accepted = { status: 200, messages: 0, identity: 'token_required', reached: 1 };
  const refused = { status: 401, messages: undefined, identity: undefined, reached: 0 };

  test.each([
    ['off', known, undefined, 'wk_test', shown],
    ['off', known, wrong, 'wk_test', shown],
    ['optional', anonymous, undefined, 'wk_test', shown],
    ['optional', known, undefined, 'wk_test', accepted],
    ['optional', known, hs256.bind(null, {}), 'wk_test', shown],
    ['optional', known, wrong, 'wk_test', refused],
    ['optional', known, foreign, 'wk_test', refused],
    ['optional', anonymous, wrong, 'wk_test', refused],
    ['optional', known, undefined, 'sk_test', shown],
    ['required', anonymous, undefined, 'wk_test', shown],
    ['required', known, undefined, 'wk_test', refused],
    ['required', known, hs256.bind(null, {}), 'wk_test', shown],
    ['required', known, foreign, 'wk_test', refused],
    ['required', known, undefined, 'sk_test', shown],
  ] as const)('%s, %o with token %o and %s', async (mode, body, token, key, expected) => {
    expect(await send(mode, body, token, key)).toEqual(expected);
  });

  test('a batch of several users keeps the events that are proven or anonymous', async () => {
    const { post, requests } = ingestHarness('required', { USER_TOKEN_SECRET: SECRET });
    const batch = [anonymous, event('u2'), known];
    const { status, body } = await post('/v1/batch', { batch }, { 'x-user-token': await hs256({}) });
    expect(status).toBe(200);
    expect(body).toMatchObject({ rejected: [{ index: 1, code: 'unauthorized' }] });
    expect(requests.map(({ profile }) => profile.id)).toEqual(['a1', 'u1']);
  });
});
