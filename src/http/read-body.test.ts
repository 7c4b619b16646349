import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MAX_BODY_BYTES, readJson } from './read-body.ts';

function request(body: Uint8Array | string, headers: Record<string, string> = {}): Request {
  return new Request('https://edge.test/', { method: 'POST', body: body as BodyInit, headers });
}

afterEach(() => vi.unstubAllGlobals());

/** A JSON string of exactly so many bytes. */
function jsonOf(bytes: number): string {
  return `"${'a'.repeat(bytes - 2)}"`;
}

describe('readJson', () => {
  test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', ''])(
    'reads JSON sent as %j',
    async (type) => {
      expect(await readJson(request('{"a":1}', { 'content-type': type }))).toEqual({ a: 1 });
    },
  );

  test('inflates gzip', async () => {
    const body = gzipSync('{"a":"가"}');
    expect(await readJson(request(body, { 'content-encoding': 'gzip' }))).toEqual({ a: '가' });
  });

  test.each([
    ['chunked', {}],
    ['of a declared length', { 'content-length': String(MAX_BODY_BYTES) }],
  ])('takes a body of exactly the limit, %s', async (_how, headers) => {
    const text = jsonOf(MAX_BODY_BYTES);
    expect(await readJson(request(text, headers))).toHaveLength(MAX_BODY_BYTES - 2);
  });

  test.each([
    ['chunked', {}],
    ['of a declared length', { 'content-length': String(MAX_BODY_BYTES + 1) }],
  ])('refuses one byte more, %s, naming the limit', async (_how, headers) => {
    const tooLong = request(jsonOf(MAX_BODY_BYTES + 1), headers);
    await expect(readJson(tooLong)).rejects.toMatchObject({
      status: 413,
      message: expect.stringContaining('500 KB'),
    });
  });

  test('holds inflated bodies to the same limit, to the byte', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect(await readJson(request(gzipSync(jsonOf(MAX_BODY_BYTES)), gzip))).toHaveLength(MAX_BODY_BYTES - 2);
    const over = readJson(request(gzipSync(jsonOf(MAX_BODY_BYTES + 1)), gzip));
    await expect(over).rejects.toMatchObject({ status: 413 });
  });

  test('stops inflating a bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.byteLength).toBeLessThan(MAX_BODY_BYTES);
    const inflated = countInflatedBytes();
    const read = readJson(request(bomb, { 'content-encoding': 'gzip' }));
    await expect(read).rejects.toMatchObject({ status: 413 });
    expect(inflated()).toBeGreaterThan(MAX_BODY_BYTES);
    expect(inflated()).toBeLessThan(2 * MAX_BODY_BYTES);
  });

  test('reads an over-long body to its end, so that the client can read the answer', async () => {
    const { readable, wasRead } = countedStream(20, 100_000);
    const long = new Request('https://edge.test/', {
      method: 'POST',
      body: readable,
      duplex: 'half',
    } as RequestInit);
    await expect(readJson(long)).rejects.toMatchObject({ status: 413 });
    expect(wasRead()).toBe(20);
  });

  test.each([
    ['empty', '', {}],
    ['not JSON', '{"a":', {}],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), {}],
    ['not gzip', '{"a":1}', { 'content-encoding': 'gzip' }],
    ['truncated gzip', gzipSync('{"a":1}').subarray(0, 15), { 'content-encoding': 'gzip' }],
  ])('answers 400 to a body that is %s', async (_what, body, headers) => {
    await expect(readJson(request(body, headers))).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });

  test('does not repeat the body in the error', async () => {
    const error = await readJson(request('secret-value')).catch((e: Error) => e);
    expect(String(error)).not.toContain('secret');
  });

  test('refuses an encoding that it cannot inflate', async () => {
    const read = readJson(request('{}', { 'content-encoding': 'br' }));
    await expect(read).rejects.toMatchObject({ status: 415 });
  });
});

function countedStream(chunks: number, bytes: number) {
  let sent = 0;
  const readable = new ReadableStream({
    pull(controller) {
      if (sent === chunks) return controller.close();
      sent += 1;
      controller.enqueue(new Uint8Array(bytes));
    },
  });
  return { readable, wasRead: () => sent };
}

/** Counts what comes out of every `DecompressionStream` from now on. */
function countInflatedBytes(): () => number {
  let bytes = 0;
  const Original = DecompressionStream;
  const counted = (format: 'gzip') => {
    const { readable, writable } = new Original(format);
    const counter = new TransformStream({
      transform(chunk: Uint8Array, controller) {
        bytes += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    return { writable, readable: readable.pipeThrough(counter as never) };
  };
  vi.stubGlobal(
    'DecompressionStream',
    class {
      constructor(format: 'gzip') {
        Object.assign(this, counted(format));
      }
    },
  );
  return () => bytes;
}
