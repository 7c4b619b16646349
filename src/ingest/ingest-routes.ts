/**
 * Events in. Unmodified Segment and RudderStack clients work by changing their host: single-letter paths, the key in
 * any of three places, JSON under any content type, gzip, beacons.
 */
import { authorize, headerKey, queryKey } from '../http/auth.ts';
import { jsonResponse, jsonText } from '../http/json-response.ts';
import { parseJson, readBody } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { CallType, Rejection } from '../protocol/events.ts';
import type { MessageQuery } from '../protocol/rpc.ts';
import { applyCalls } from './apply-calls.ts';
import type { IngestDeps } from './deps.ts';
import { edgePlace } from './edge-place.ts';
import { mayWriteAs, type Proof, proofOf, tokenRequired } from './identity.ts';
import { messageQuery } from './message-query.ts';
import type { Envelope } from './normalize.ts';
import { type ReadCalls, readBatch, readCall } from './read-calls.ts';
import { badToken } from './user-token.ts';

const CALL_PATHS: [CallType, ...string[]][] = [
  ['track', '/v1/track', '/v1/t'],
  ['page', '/v1/page', '/v1/p'],
  ['identify', '/v1/identify', '/v1/i'],
  ['screen', '/v1/screen', '/v1/s'],
  ['group', '/v1/group', '/v1/g'],
  ['alias', '/v1/alias', '/v1/a'],
];
const BATCH_PATHS = ['/v1/batch', '/v1/b', '/beacon/v1/batch'];

type Read = (body: unknown, bodyBytes: number, envelope: Envelope) => ReadCalls;

export function ingestRoutes(deps: IngestDeps): Route[] {
  const route = (path: string, read: Read, imported = false): Route => ({
    method: 'POST',
    path,
    auth: 'body',
    handle: (request, context) => handleIngest(deps, request, context, read, imported),
  });
  return [
    ...BATCH_PATHS.map((path) => route(path, readBatch)),
    ...CALL_PATHS.flatMap(([type, ...paths]) =>
      paths.map((path) => route(path, (...body) => readCall(type, ...body))),
    ),
    route('/v1/import', readBatch, true),
    // analytics.js's own metrics: of no use here, but a 404 would make it complain.
    { method: 'POST', path: '/v1/m', auth: 'none', handle: async () => jsonText(SUCCESS) },
  ];
}

const SUCCESS = '{"success":true}';

async function handleIngest(
  deps: IngestDeps,
  request: Request,
  context: RequestContext,
  read: Read,
  imported: boolean,
): Promise<Response> {
  const { body, bytes } = await readAuthorized(deps, request, context);
  const proof = await proofOf(deps, request, context);
  const calls = withProof(read(body, bytes, envelopeOf(request, context, imported)), proof);
  const due = await applyCalls(deps, context, calls.accepted, proof, readOf(context.url));
  deps.items?.see(context, calls.accepted);
  const { rejected } = calls;
  if (!due && rejected.length === 0) return jsonText(SUCCESS);
  return jsonResponse({ success: true, ...due, ...(rejected.length > 0 && { rejected }) });
}

/** `?sync=1`: what is due is asked for in the same request; else null. Throws 400. */
function readOf(url: URL): MessageQuery | null {
  if (url.search === '') return null;
  const sync = url.searchParams.get('sync');
  return sync === '1' || sync === 'true' ? messageQuery(url.searchParams) : null;
}

/** The key may stand in the body; where it stands in the header, a stranger's body is not even parsed. */
async function readAuthorized(deps: IngestDeps, request: Request, context: RequestContext) {
  const { env, url } = context;
  const inHeader = headerKey(request);
  if (inHeader !== undefined) context.key = await authorize(deps.findKey, env, inHeader, 'write');
  const raw = await readBody(request);
  context.admit(raw.byteLength);
  const body = parseJson(raw);
  context.key ??= await authorize(deps.findKey, env, bodyKey(body) ?? queryKey(url), 'write');
  return { body, bytes: raw.byteLength };
}

function bodyKey(body: unknown): string | undefined {
  const key = typeof body === 'object' && body !== null && 'writeKey' in body ? body.writeKey : undefined;
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function envelopeOf(request: Request, context: RequestContext, imported: boolean): Envelope {
  const origin = context.key?.kind === 'server' ? 'server' : 'client';
  return {
    receivedAt: context.now,
    origin,
    imported,
    // RudderStack's browser client names it in a header too.
    sentAt: request.headers.get('sentat') ?? undefined,
    edge: origin === 'client' && !imported ? edgePlace(request.cf) : undefined,
  };
}

/**
 * Takes out the events of users that the request may not speak for. Throws 401 where none is left: a lone event, or a
 * batch all of one user, is refused as a whole; in a mixed batch the others are not lost.
 */
function withProof(calls: ReadCalls, proof: Proof): ReadCalls {
  const isProven = ({ userId }: { userId?: string }) => userId === undefined || mayWriteAs(proof, userId);
  if (calls.accepted.every(isProven)) return calls;
  const accepted = calls.accepted.filter(isProven);
  const refusal = proof.subject === null ? tokenRequired() : badToken();
  if (accepted.length === 0) throw refusal;
  const refused = calls.accepted
    .filter((call) => !isProven(call))
    .map(({ index }): Rejection => ({ index, code: 'unauthorized', message: refusal.message }));
  const rejected = [...calls.rejected, ...refused].sort((a, b) => a.index - b.index);
  return { accepted, rejected };
}
