/**
 * Request bodies: JSON whatever the content type says (RudderStack's Node client sends gzipped JSON as a form, Segment's
 * browser client as plain text). A body is always read to its end, or far beyond its limit: left unread, it resets the
 * connection before the client has seen the answer.
 */
import { ApiError, invalidRequest } from './api-error.ts';

const KB = 1024;
/** Of the inflated body. */
export const MAX_BODY_BYTES = 500 * KB;
/** What is read and thrown away of a body that nobody wants, before the connection is given up. */
const MAX_DISCARDED_BYTES = 8 * 1024 * KB;

const MAX_DISCARDED_AT_ONCE = 64 * KB;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The body as JSON. Throws 400 (empty, not UTF-8, not JSON), 413 (too large) or 415 (an encoding other than gzip). */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  return parseJson(await readBody(request, maxBytes));
}

/** The body's bytes, inflated. */
export async function readBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip';
  if (!isGzip && encoding !== 'identity' && encoding !== '') {
    throw new ApiError(415, 'unsupported_encoding', 'content-encoding must be gzip or absent.');
  }
  const raw = await readWire(request, maxBytes);
  return isGzip ? inflate(raw, maxBytes) : raw;
}

/** Bytes as text. Throws 400. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidRequest('The body is not valid UTF-8.');
  }
}

/** Bytes as JSON. Throws 400. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw invalidRequest('The body is empty; a JSON object is needed.');
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own words quote the body; only the position is safe to repeat.
    const position = /position (\d+)/.exec(String(error))?.[1];
    throw invalidRequest(`The body is not valid JSON${position ? ` (at character ${position})` : ''}.`);
  }
}

/** Reads and forgets what a handler has left of the body. */
export async function discardBody(request: Request): Promise<void> {
  // `bodyUsed` first: asking for `body` makes a stream, which costs more than most handlers.
  if (request.bodyUsed) return;
  // In one piece where it is short: what is refused under overload must not cost more than what is served.
  if (declaredBytes(request) <= MAX_DISCARDED_AT_ONCE) await forget(request.arrayBuffer());
  else if (request.body && !request.body.locked) await discard(request.body.getReader());
}

/** NaN where the client doesn't say. */
function declaredBytes(request: Request): number {
  return Number(request.headers.get('content-length') ?? Number.NaN);
}

/** The client may have gone, or somebody may be reading already. */
async function forget(body: Promise<ArrayBuffer>): Promise<void> {
  try {
    await body;
  } catch {
    // There is nobody left to read for.
  }
}

async function readWire(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = declaredBytes(request);
  // In one piece where the length is known: the body can't be longer than its header said.
  if (declared <= maxBytes) return new Uint8Array(await request.arrayBuffer());
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const bytes = declared > maxBytes ? null : await readUpTo(reader, maxBytes);
  if (bytes) return bytes;
  await discard(reader);
  throw tooLarge(maxBytes);
}

async function inflate(raw: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  let bytes: Uint8Array | null;
  try {
    const stream = new Response(raw as BodyInit).body?.pipeThrough(new DecompressionStream('gzip'));
    const reader = stream?.getReader();
    bytes = reader ? await readUpTo(reader, maxBytes) : new Uint8Array();
    // Beyond the limit nothing more is inflated: a few KB of gzip can hold gigabytes.
    if (!bytes) await reader?.cancel();
  } catch {
    throw invalidRequest('The body is not valid gzip.');
  }
  if (!bytes) throw tooLarge(maxBytes);
  return bytes;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Everything, or null as soon as it is more than `maxBytes`. */
async function readUpTo(reader: Reader, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return join(chunks, size);
    size += value.byteLength;
    if (size > maxBytes) return null;
    chunks.push(value);
  }
}

async function discard(reader: Reader): Promise<void> {
  try {
    for (let size = 0; size <= MAX_DISCARDED_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The client has gone; there is nobody left to read for.
  }
}

function join(chunks: Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(maxBytes: number): ApiError {
  const limit = `${Math.floor(maxBytes / KB)} KB (${maxBytes} bytes)`;
  return new ApiError(413, 'too_large', `The body may have at most ${limit}, inflated.`);
}
