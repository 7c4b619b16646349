/**
 * What still arrives for a profile that was erased. An event that happened up to that moment is acknowledged and dropped,
 * whenever and by whatever way it comes: nothing of the erased life begins again. One that happened later is somebody who
 * has come back: it begins a new profile, which knows nothing of the old one, but not before the erasure is over.
 */
import type { FreezeRequest, IngestRequest, IngestResult } from '../protocol/rpc.ts';
import type { TurnPort } from './turn-port.ts';
import type { TurnStore } from './turn-store.ts';

/** A newer Worker's request may mean what this build can't do. */
const REQUEST_VERSION = 1;

/** The request without what was late; of one that had nothing else, without its links too. */
export function withoutErased(request: IngestRequest, erasedAt: number | null): IngestRequest {
  if (erasedAt === null) return request;
  const events = request.events.filter(({ timestamp }) => timestamp > erasedAt);
  if (events.length === request.events.length) return request;
  const { links: _, ...rest } = request;
  return events.length === 0 ? { ...rest, events } : { ...request, events };
}

/** The answer of a profile that has nothing to take the request with; null where it goes on. */
export function refusal(
  turns: Pick<TurnPort, 'erased'>,
  request: IngestRequest,
  store: TurnStore | null,
): IngestResult | null {
  if ((request.v ?? 1) > REQUEST_VERSION) return { kind: 'unavailable', retryAfterSeconds: 5 };
  if (!store) {
    const erasure = request.profile.id === '' ? null : turns.erased();
    if (!erasure?.isPending) return { kind: 'done' };
    const isLate = withoutErased(request, erasure.erasedAt).events.length === 0;
    return isLate ? { kind: 'done' } : { kind: 'unavailable', retryAfterSeconds: 5 };
  }
  const { erasedAt } = store.state.meta;
  if (erasedAt === null || !store.isNew) return null;
  // Nothing that would begin a new life.
  if (withoutErased(request, erasedAt).events.length > 0) return null;
  return request.forwarded ? { kind: 'stale' } : { kind: 'done' };
}

/** How the links of a profile that was erased once are asked. */
export function afterErasure(
  { forwarded }: IngestRequest,
  erasedAt: number | null,
): Pick<FreezeRequest, 'erasedAt' | 'begunOnly'> {
  if (erasedAt === null) return {};
  // Sent on by somebody who may not know that the link went with the erasure.
  return { erasedAt, ...(forwarded && { begunOnly: true }) };
}
