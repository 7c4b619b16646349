/** Google's access tokens for a service account: a signed assertion is exchanged for one that lasts an hour (RFC 7523). */
import { importPKCS8, SignJWT } from 'jose';
import type { SendResult } from './channel.ts';
import { callHttp, jsonOf } from './http-call.ts';
import { account, type ProviderCall } from './provider.ts';

export interface ServiceAccount {
  projectId: string;
  clientEmail: string;
  privateKey: string;
  privateKeyId: string;
}

const AUDIENCE = 'https://oauth2.googleapis.com/token';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3_600;

/** The service-account file as Google hands it out; null where it isn't one. */
export function parseServiceAccount(secret: string): ServiceAccount | null {
  const { project_id, client_email, private_key, private_key_id } = jsonOf(secret);
  if (typeof project_id !== 'string' || typeof client_email !== 'string' || typeof private_key !== 'string') {
    return null;
  }
  const privateKeyId = typeof private_key_id === 'string' ? private_key_id : '';
  return { projectId: project_id, clientEmail: client_email, privateKey: private_key, privateKeyId };
}

/** Why there is no token: thrown, so that nobody keeps it. */
export class TokenError extends Error {
  readonly result: SendResult;
  constructor(result: SendResult) {
    super('no access token');
    this.result = result;
  }
}

/** A new access token. Throws `TokenError`. */
export async function fetchAccessToken(
  client: ServiceAccount,
  { scope, tokenUrl }: { scope: string; tokenUrl: string },
  call: ProviderCall,
): Promise<string> {
  const assertion = await signAssertion(client, scope, call.now()).catch(() => {
    throw new TokenError(account('key_unusable'));
  });
  const answer = await callHttp(
    {
      url: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
    },
    call,
  );
  // No message is lost with the answer: none was sent yet.
  if (answer.kind === 'lost') throw new TokenError({ kind: 'retry', code: 'token_unreachable' });
  const { access_token } = jsonOf(answer.text);
  if (answer.status === 200 && typeof access_token === 'string') return access_token;
  const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  throw new TokenError(
    isRefused
      ? account(`token_http_${answer.status}`)
      : { kind: 'retry', code: `token_http_${answer.status}` },
  );
}

async function signAssertion(client: ServiceAccount, scope: string, now: number): Promise<string> {
  const issuedSeconds = Math.floor(now / 1000);
  return new SignJWT({
    iss: client.clientEmail,
    scope,
    aud: AUDIENCE,
    iat: issuedSeconds,
    exp: issuedSeconds + ASSERTION_SECONDS,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: client.privateKeyId })
    .sign(await importPKCS8(client.privateKey, 'RS256'));
}
