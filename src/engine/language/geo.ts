/** Places on the earth: where an event says that it happened, and how far apart two of them are. */
import type { Json, JsonObject } from '../vocabulary.ts';

/** Degrees. */
export interface Point {
  lat: number;
  lng: number;
}

const EARTH_RADIUS_METERS = 6_371_008.8;

/** Along a great circle, after the haversine formula; off by at most 0.5 %, as the earth is no sphere. */
export function metersBetween(a: Point, b: Point): number {
  const lat = radians(b.lat - a.lat);
  const lng = radians(b.lng - a.lng);
  const chord =
    Math.sin(lat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(lng / 2) ** 2;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** The place that an event itself tells, in `context.location` or in its properties. */
export function ownPlaceOf(event: {
  properties: JsonObject;
  context: { [key: string]: unknown };
}): Point | null {
  return pointOf(event.context.location) ?? pointOf(event.properties);
}

/** Where the edge saw the user's own request come from: good for a city, not for a street. */
export function edgePlaceOf(event: { context: { [key: string]: unknown } }): Point | null {
  return pointOf(event.context.edge);
}

/** `{lat, lng}` or `{latitude, longitude}`, in numbers and on the globe. */
function pointOf(value: unknown): Point | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as { [name: string]: Json | undefined };
  return onGlobe(fields.lat, fields.lng) ?? onGlobe(fields.latitude, fields.longitude);
}

function onGlobe(lat: Json | undefined, lng: Json | undefined): Point | null {
  if (typeof lat !== 'number' || typeof lng !== 'number') return null;
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
