/**
 * Keyword tables, indexed once per version: a row is found by its key as it stands, by its normalized key, or because the
 * text contains its normalized key (the longest wins).
 *
 * `contains` asks, at each place of the text, only for keys that begin with the character there, once per length that
 * such keys have: what it costs grows with the text and the variety of lengths, not with the number of rows.
 */
import type { Lookup } from '../documents.ts';
import type { JsonObject } from '../vocabulary.ts';
import { normalizedText } from './normalized-text.ts';

export type LookupMatch = 'exact' | 'normalized' | 'contains';

export interface CompiledLookup {
  exact: Map<string, JsonObject>;
  normalized: Map<string, JsonObject>;
  /** First UTF-16 unit of normalized keys → the lengths of those keys, longest first. */
  lengths: Map<string, number[]>;
}

/** Where two rows share a key, the first one stands. */
export function compileLookup(lookup: Lookup): CompiledLookup {
  const compiled: CompiledLookup = { exact: new Map(), normalized: new Map(), lengths: new Map() };
  for (const row of lookup.rows) {
    const key = normalizedText(row.key);
    if (!compiled.exact.has(row.key)) compiled.exact.set(row.key, row);
    if (!compiled.normalized.has(key)) compiled.normalized.set(key, row);
  }
  const lengths = new Map<string, Set<number>>();
  for (const key of compiled.normalized.keys()) {
    // A key of nothing but separators is contained in everything, and says nothing.
    if (key === '') continue;
    const first = key.charAt(0);
    lengths.set(first, (lengths.get(first) ?? new Set()).add(key.length));
  }
  for (const [first, set] of lengths) {
    compiled.lengths.set(
      first,
      [...set].sort((a, b) => b - a),
    );
  }
  return compiled;
}

export function findRow(table: CompiledLookup, text: string, match: LookupMatch): JsonObject | undefined {
  switch (match) {
    case 'exact':
      return table.exact.get(text);
    case 'normalized':
      return table.normalized.get(normalizedText(text));
    case 'contains':
      return longestContained(table, normalizedText(text));
  }
}

/** Of two keys of the same length the one that stands earlier in the text. */
function longestContained({ normalized, lengths }: CompiledLookup, text: string): JsonObject | undefined {
  let found: JsonObject | undefined;
  let longest = 0;
  for (let at = 0; at + longest < text.length; at++) {
    for (const length of lengths.get(text.charAt(at)) ?? []) {
      if (length <= longest) break;
      const row = at + length <= text.length ? normalized.get(text.slice(at, at + length)) : undefined;
      if (!row) continue;
      found = row;
      longest = length;
      break;
    }
  }
  return found;
}
