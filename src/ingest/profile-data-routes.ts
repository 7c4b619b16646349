/** A user's own: everything that is known about them, and to be forgotten. Both follow an anonymous id to its user. */
import type { Env } from '../bindings.ts';
import { ApiError, unavailable } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { Route } from '../http/route.ts';
import type { ExportLine } from '../protocol/export-schema.ts';
import type { EraseResult, ProfileDataRpc } from '../protocol/profile-data-rpc.ts';
import { profileRef } from '../protocol/profile-key.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import { exportStream } from './export-stream.ts';
import { movedProfiles } from './moved-profiles.ts';
import { callStub } from './profile-calls.ts';
import { subjectOfPath } from './subject.ts';

export interface ProfileDataDeps {
  /** A new stub each time. */
  profileData(env: Env, key: string): ProfileDataRpc;
  /** What D1 holds under these keys, in pages. */
  profileRecords(env: Env, keys: string[]): AsyncIterable<ExportLine[]>;
}

export function profileDataRoutes(deps: ProfileDataDeps): Route[] {
  return [
    {
      method: 'DELETE',
      path: '/v1/profiles/:userId',
      auth: 'server',
      async handle(_request, { env, params, now }) {
        const subject = await subjectOfPath(env, params.userId);
        const erased = await erase(deps, env, subject, now);
        const erasedAt = new Date(erased.erasedAt).toISOString();
        return jsonResponse({ status: erased.kind, erasedAt }, erased.kind === 'erased' ? 200 : 202);
      },
    },
    {
      method: 'GET',
      path: '/v1/profiles/:userId/export',
      auth: 'server',
      async handle(_request, { env, params }) {
        const subject = await subjectOfPath(env, params.userId);
        const { key, first } = await firstPage(deps, env, subject);
        const keysOf = async (anonymousIds: string[]) => [
          key,
          ...(await Promise.all(
            anonymousIds.map(async (id) => (await profileRef(env, 'anonymous', id)).key),
          )),
        ];
        return new Response(
          exportStream({
            first,
            nextPage: (cursor) => callStub(() => deps.profileData(env, key).exportPage(cursor)),
            records: async function* (anonymousIds) {
              yield* deps.profileRecords(env, await keysOf(anonymousIds));
            },
          }),
          { headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' } },
        );
      },
    },
  ];
}

/** Throws 404 where nobody is known, 503 where the profile can't answer now. */
async function erase(
  deps: ProfileDataDeps,
  env: Env,
  { key }: ProfileRef,
  at: number,
): Promise<Extract<EraseResult, { kind: 'erased' | 'erasing' }>> {
  const first = await callStub(() => deps.profileData(env, key).erase({ at }));
  movedProfiles.forget(key);
  if (first.kind !== 'moved') {
    movedProfiles.forgetAllTo(key);
    return known(first);
  }
  // Said for the anonymous id that they came under, which goes along even where its merge was never finished.
  const { to } = first;
  const second = await callStub(() => deps.profileData(env, to.key).erase({ at, also: [key] }));
  movedProfiles.forgetAllTo(to.key);
  const third = await callStub(() => deps.profileData(env, key).erase({ at, of: to.key }));
  return known(second.kind === 'unknown' ? third : second);
}

function known(result: Exclude<EraseResult, { kind: 'unavailable' }>) {
  if (result.kind === 'erased' || result.kind === 'erasing') return result;
  if (result.kind === 'unknown') throw notFound();
  throw unavailable('The profile is just being merged. Send the same again.', 2);
}

async function firstPage(deps: ProfileDataDeps, env: Env, { key }: ProfileRef) {
  const page = (of: string) => callStub(() => deps.profileData(env, of).exportPage(null));
  let owner = key;
  let first = await page(owner);
  if (first.kind === 'moved') {
    owner = first.to.key;
    first = await page(owner);
  }
  if (first.kind !== 'page') throw notFound();
  return { key: owner, first };
}

function notFound(): ApiError {
  return new ApiError(404, 'not_found', 'No profile is known by this id.');
}
