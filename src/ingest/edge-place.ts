import type { JsonObject } from '../engine/vocabulary.ts';

/**
 * What the edge sees of where a request comes from: its zone, and a place as good as a city. Of the user's own requests
 * only: a server's would say where the server stands.
 */
export function edgePlace(cf: Request['cf']): JsonObject | undefined {
  const place: JsonObject = {};
  if (typeof cf?.timezone === 'string') place.timezone = cf.timezone;
  const lat = degrees(cf?.latitude);
  const lng = degrees(cf?.longitude);
  if (lat !== null && lng !== null) Object.assign(place, { lat, lng });
  return Object.keys(place).length === 0 ? undefined : place;
}

/** The platform gives them as texts: `37.56600`. */
function degrees(text: unknown): number | null {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
