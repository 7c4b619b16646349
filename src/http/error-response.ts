import { ApiError, overloaded } from './api-error.ts';
import { jsonResponse } from './json-response.ts';

/** A fault inside, as the operator should hear of it. The client gets the request id and nothing else. */
export interface Fault {
  requestId: string;
  method: string;
  /** The route's pattern, never the path: ids and keys stand in paths. */
  route: string;
  error: unknown;
}
export type ReportFault = (fault: Fault) => void;

const OVERLOADED_SECONDS = 2;

/**
 * A thrown value as the contract's `{"error": {code, message, issues?}}`. Only an `ApiError` may speak for itself:
 * the text of any other fault can hold users' values.
 */
export function errorResponse(
  error: unknown,
  fault: Omit<Fault, 'requestId' | 'error'>,
  report: ReportFault,
) {
  if (isOverload(error)) return errorResponse(overloaded(OVERLOADED_SECONDS, error), fault, report);
  if (error instanceof ApiError) {
    if (error.cause !== undefined) report({ ...fault, requestId: crypto.randomUUID(), error: error.cause });
    return refusal(error);
  }
  const requestId = crypto.randomUUID();
  report({ ...fault, requestId, error });
  const message = 'Something failed inside. Nothing is known to have been applied; a retry is harmless.';
  return jsonResponse({ error: { code: 'internal_error', message, requestId } }, 500);
}

/** What the platform throws where an object or the database has more calls waiting than it takes. */
function isOverload(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ApiError) return false;
  return (
    ('overloaded' in error && error.overloaded === true) || /^D1_ERROR: .*overloaded/.test(error.message)
  );
}

function refusal(error: ApiError): Response {
  const { code, message, issues } = error;
  const response = jsonResponse({ error: { code, message, ...(issues && { issues }) } }, error.status);
  if (error.retryAfterSeconds !== undefined) {
    response.headers.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  }
  return response;
}
