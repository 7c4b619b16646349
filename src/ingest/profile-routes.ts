import type { Env } from '../bindings.ts';
import { ApiError } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { Route } from '../http/route.ts';
import type { ProfileRef, ProfileView } from '../protocol/rpc.ts';
import type { IngestDeps } from './deps.ts';
import { callProfile, nextMessages } from './profile-calls.ts';
import { profileJson } from './profile-json.ts';
import { subjectOfPath } from './subject.ts';

/** What is known about one user, for the app's backend. */
export function profileRoutes(deps: IngestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/profiles/:userId',
      auth: 'server',
      async handle(_request, { env, params }) {
        const view = await describe(deps, env, await subjectOfPath(env, params.userId));
        if (!view) throw new ApiError(404, 'not_found', 'No profile is known by this id.');
        return jsonResponse(profileJson(view));
      },
    },
  ];
}

/** An anonymous profile that has become a known user's is described as that user's. */
async function describe(deps: IngestDeps, env: Env, { key, kind }: ProfileRef): Promise<ProfileView | null> {
  if (kind === 'anonymous') {
    const next = await nextMessages(deps, env, key, { limit: 1 });
    if (next.kind === 'moved') return callProfile(deps, env, next.to.key, (rpc) => rpc.describe());
  }
  return callProfile(deps, env, key, (rpc) => rpc.describe());
}
