/**
 * `triggers/preview`: what a trigger would answer one user, gate by gate; nothing is stored or sent. `triggers/:id/test`:
 * one real message of it to a user who is marked for tests, outside caps and numbers.
 */
import { explainTrace } from '../engine/explain/explain.ts';
import type { PreviewedMessage } from '../engine/explain/preview.ts';
import { previewGates } from '../engine/explain/preview-gates.ts';
import { TEST_TRAIT } from '../engine/send/test-message.ts';
import { ApiError, invalidRequest, unavailable } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { MAX_PREVIEW_BYTES, previewSchema, testSchema } from '../protocol/preview-schema.ts';
import type { AdminProfileRpc, PreviewResult, ProfileRef, TestResult } from '../protocol/rpc.ts';
import { checkDocument } from '../protocol/schema-kit.ts';
import { profileStub } from '../protocol/stubs.ts';
import { readerLanguage } from './reader-language.ts';
import { subjectOf } from './subject.ts';
import { givenTrigger, storedTrigger, type TriedDeps, triedEvent } from './tried-trigger.ts';

const auth = 'admin';
/** An anonymous profile moves once. */
const MAX_MOVES = 2;

export function previewRoutes(deps: TriedDeps): Route[] {
  return [
    {
      method: 'POST',
      path: '/admin/api/triggers/preview',
      auth,
      handle: (request, context) => preview(request, context, deps),
    },
    {
      method: 'POST',
      path: '/admin/api/triggers/:id/test',
      auth,
      handle: (request, context) => sendTest(request, context, deps),
    },
  ];
}

async function preview(request: Request, context: RequestContext, deps: TriedDeps): Promise<Response> {
  const { env } = context;
  const checked = checkDocument(previewSchema, await readJson(request, MAX_PREVIEW_BYTES));
  if (checked.kind === 'invalid') {
    throw invalidRequest('This is not a preview that can be asked for.', checked.issues);
  }
  const { userId, event: asked, now: at, trigger: given, triggerId = '' } = checked.document;
  const trigger = given ? await givenTrigger(env, given) : await storedTrigger(env, triggerId);
  const subject = await subjectOf(env, userId);
  const now = at === undefined ? context.now : Date.parse(at);
  const event = asked === undefined ? null : triedEvent(asked, now, subject.key, deps);
  const result = await askProfile<PreviewResult>(context, subject, (profile, stub) =>
    stub.preview({ profile, trigger, event, now }),
  );
  if (result.kind !== 'done') throw unavailable('The profile is busy.', result.retryAfterSeconds);
  const { trace, message } = result;
  const gates = previewGates(trace, trigger.document, await readerLanguage(request, context));
  return jsonResponse({ reason: trace.reason, gates, ...(message && { message: shown(message) }) });
}

async function sendTest(request: Request, context: RequestContext, deps: TriedDeps): Promise<Response> {
  const { env, params, now } = context;
  const checked = checkDocument(testSchema, await readJson(request, MAX_PREVIEW_BYTES));
  if (checked.kind === 'invalid') {
    throw invalidRequest('This is not a test that can be sent.', checked.issues);
  }
  const { userId, channel = null, event: asked } = checked.document;
  const trigger = await storedTrigger(env, params.id ?? '');
  const subject = await subjectOf(env, userId);
  const event = asked === undefined ? null : triedEvent(asked, now, subject.key, deps);
  const nonce = crypto.randomUUID();
  const result = await askProfile<TestResult>(context, subject, (profile, stub) =>
    stub.sendTest({ profile, trigger, channel, event, nonce }),
  );
  switch (result.kind) {
    case 'put':
      return jsonResponse({ messageId: result.messageId, channel: result.channel });
    case 'not_marked':
      throw new ApiError(
        403,
        'not_a_test_user',
        `Tests go to test users only: set the trait \`${TEST_TRAIT}\` of this user to true first.`,
      );
    case 'refused': {
      const { reason, path, message } = result;
      const why = explainTrace(
        { id: trigger.document.id, version: trigger.version, reason },
        undefined,
        'en',
      );
      throw new ApiError(409, 'not_sent', `Nothing was sent. ${why}`, { issues: [{ path, message }] });
    }
  }
}

type Moved = { kind: 'moved'; to: ProfileRef };

/** Follows an anonymous profile to the user it has become. */
async function askProfile<T extends { kind: string }>(
  { env }: RequestContext,
  subject: ProfileRef,
  ask: (profile: ProfileRef, stub: AdminProfileRpc) => Promise<T>,
): Promise<Exclude<T, Moved>> {
  let profile = subject;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const result = await ask(profile, profileStub(env, profile.key));
    if (result.kind !== 'moved') return result as Exclude<T, Moved>;
    profile = (result as unknown as Moved).to;
  }
  throw unavailable('The profile is moving.', 1);
}

function shown({ createdAt, expiresAt, ...message }: PreviewedMessage) {
  return {
    ...message,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
