/** A refusal as the client reads it: thrown anywhere on the way of a request, caught once in `router.ts`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly issues: Issue[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  /** `cause` is what went wrong inside; it is reported, never answered. */
  constructor(
    status: number,
    code: string,
    message: string,
    more: { issues?: Issue[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = status;
    this.code = code;
    this.issues = more.issues;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** Where in the body, what is wrong there, and what would be right. */
export interface Issue {
  path: string;
  message: string;
  /** Which sentence it is, and what it speaks of, for who says it in another language. */
  code?: string;
  values?: Record<string, string | number>;
}

/** 400: the body or query has the wrong shape; nothing of the request has been applied. */
export function invalidRequest(message: string, issues?: Issue[]): ApiError {
  return new ApiError(400, 'invalid_request', message, issues === undefined ? {} : { issues });
}

/** 503: more is under way here than can be done. Nothing has been applied; the same may be sent again. */
export function overloaded(retryAfterSeconds: number, cause?: unknown): ApiError {
  const message =
    'Too much is under way now. Nothing is known to have been applied; send the same again, later.';
  return new ApiError(503, 'overloaded', message, { retryAfterSeconds, cause });
}

/** 503: not now. Whatever was sent may be sent again as it is. */
export function unavailable(message: string, retryAfterSeconds: number, cause?: unknown): ApiError {
  return new ApiError(503, 'unavailable', message, { retryAfterSeconds, cause });
}
