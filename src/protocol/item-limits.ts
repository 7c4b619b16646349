/** Limits of an item that both the edge and the catalog hold. */
export const MAX_ATTRIBUTES_BYTES = 8192;

const encoder = new TextEncoder();

/** The bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}
