import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../engine/vocabulary.ts';
import { mergePatch } from './merge-patch.ts';

const anObject = fc.object({ maxDepth: 3, values: [fc.string(), fc.double({ noNaN: true }), fc.boolean()] });

describe('a merge patch', () => {
  it('removes with null, merges objects, and replaces everything else', () => {
    const target = { a: 1, b: { c: [1, 2], d: 'x' }, e: null };
    expect(mergePatch(target, { a: null, b: { c: [3], f: { g: true } }, h: 'new' })).toEqual({
      value: { b: { c: [3], d: 'x', f: { g: true } }, e: null, h: 'new' },
      changed: true,
    });
  });

  it('that changes nothing says so and leaves the very object', () => {
    const target = { a: [1, { b: 2 }], c: { d: 1 } };
    const patched = mergePatch(target, { a: [1, { b: 2 }], c: { d: 1, x: null }, y: null, z: undefined });
    expect(patched.changed).toBe(false);
    expect(patched.value).toBe(target);
  });

  it('makes an object of what was none, without the nulls', () => {
    expect(mergePatch({ a: 'text' }, { a: { b: 1, c: null } }).value).toEqual({ a: { b: 1 } });
  });

  it('treats `__proto__` as any other field', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;
    const { value } = mergePatch({ a: 1 }, patch);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('given twice changes nothing the second time', () => {
    fc.assert(
      fc.property(anObject, anObject, (target, patch) => {
        const once = mergePatch(target as JsonObject, patch as JsonObject).value;
        expect(mergePatch(once, patch as JsonObject)).toEqual({ value: once, changed: false });
      }),
    );
  });
});
