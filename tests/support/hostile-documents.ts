/** Documents that nobody should send: arbitrary JSON, valid ones with something wrong in them, and names of JavaScript's own. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/engine/vocabulary.ts';

const OWN_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'];
const WORDS = [
  'all',
  'any',
  'not',
  'field',
  'op',
  'value',
  'did',
  'didNot',
  'where',
  'count',
  'window',
  'last',
  'sequence',
];

/** As `JSON.parse` makes it: `__proto__` is a field like any other. */
export function withField(name: string, value: Json): JsonObject {
  return JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as JsonObject;
}

const name = fc.oneof(fc.constantFrom(...OWN_NAMES), fc.constantFrom(...WORDS), fc.string({ maxLength: 6 }));
const leaf = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '1d',
    '999999999w',
    'event.properties.__proto__',
    'user.constructor.prototype',
    '{{__proto__}}',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const fields = (child: fc.Arbitrary<Json>) =>
  fc.array(fc.tuple(name, child), { maxLength: 4 }).map((entries): Json => {
    const texts = new Map(
      entries.map(([key, value]) => [key, `${JSON.stringify(key)}:${JSON.stringify(value)}`]),
    );
    return JSON.parse(`{${[...texts.values()].join(',')}}`) as Json;
  });

export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fields(tie('json')),
  ),
})).json;

/** One place in a document, any, gets another value, another name, or goes. */
export function mutated(document: Json): fc.Arbitrary<Json> {
  return fc
    .array(fc.record({ at: fc.nat(10_000), how: fc.nat(5), value: anyJson, name }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) => changes.reduce<Json>((json, change) => mutateOnce(json, change), document));
}

function mutateOnce(document: Json, change: { at: number; how: number; value: Json; name: string }): Json {
  let countdown = change.at % placesIn(document);
  const visit = (json: Json): Json => {
    if (countdown-- === 0) return changed(json, change);
    if (Array.isArray(json)) return json.map(visit);
    if (typeof json !== 'object' || json === null) return json;
    const entries = Object.entries(json).map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(visit(value))}`,
    );
    return JSON.parse(`{${entries.join(',')}}`) as Json;
  };
  return visit(document);
}

type Change = { how: number; value: Json; name: string };

/** The first ways break most documents; the others keep the type, so that many can still be lived with. */
function changed(json: Json, change: Change): Json {
  if (change.how === 0) return change.value;
  if (change.how === 1) return [json];
  if (change.how === 2) return renamed(json, change);
  if (typeof json === 'number') return json + 1;
  if (typeof json === 'boolean') return !json;
  if (typeof json === 'string') return `${json}x`;
  return Array.isArray(json) ? [...json].reverse() : json;
}

function renamed(json: Json, { name: to, value }: { name: string; value: Json }): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const entries = Object.entries(json).map(
    ([key, field]) => `${JSON.stringify(key)}:${JSON.stringify(field)}`,
  );
  return JSON.parse(
    `{${[...entries.slice(1), `${JSON.stringify(to)}:${JSON.stringify(value)}`].join(',')}}`,
  ) as Json;
}

function placesIn(json: Json): number {
  if (typeof json !== 'object' || json === null) return 1;
  return Object.values(json).reduce<number>((sum, child) => sum + placesIn(child), 1);
}
