import type { Duration } from '../trigger.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const FORM = /^(\d{1,9})([smhdw])$/;

export const SECOND_MS = UNIT_MS.s;
export const MINUTE_MS = UNIT_MS.m;
export const HOUR_MS = UNIT_MS.h;
export const DAY_MS = UNIT_MS.d;

/** `90s` → 90000. Null where the text isn't a whole number with one of the units s, m, h, d, w. */
export function parseDurationMs(text: string): number | null {
  const parts = FORM.exec(text);
  if (!parts) return null;
  return Number(parts[1]) * UNIT_MS[parts[2] as keyof typeof UNIT_MS];
}

/** For durations of documents that were checked when they were published. */
export function durationMs(text: Duration | string): number {
  const ms = parseDurationMs(text);
  if (ms === null) throw new Error(`not a duration: ${text}`);
  return ms;
}

/** `-1d` → −86400000, `2h` → 7200000. Null where the text isn't a duration with an optional sign. */
export function parseOffsetMs(text: string): number | null {
  const isBack = text.startsWith('-');
  const ms = parseDurationMs(isBack || text.startsWith('+') ? text.slice(1) : text);
  return ms === null || !isBack ? ms : -ms;
}
