/**
 * Who is in a segment, by looking at everything each time: conditions about the user on top of those that count events
 * (`naive-conditions.ts`). Shares nothing with the engine but the documents' types; clocks are what `Intl` prints.
 */
import type { Condition, FieldCondition } from '../../src/engine/trigger.ts';
import { type NaiveLife, naiveHolds } from './naive-conditions.ts';

export interface NaivePerson extends NaiveLife {
  traits: Record<string, number | string>;
  /** Of the user's own events. */
  lastSeenAt: number;
  segments: Record<string, Condition>;
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const spanOf = (text: string) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? Number.NaN);

/** Null where the contract leaves it open. */
export function naiveMember(condition: Condition, person: NaivePerson): boolean | null {
  if ('all' in condition || 'any' in condition) {
    const parts = 'all' in condition ? condition.all : condition.any;
    const answers = parts.map((one) => naiveMember(one, person));
    if (answers.includes(null)) return null;
    return 'all' in condition ? answers.every(Boolean) : answers.some(Boolean);
  }
  if ('not' in condition) {
    const answer = naiveMember(condition.not, person);
    return answer === null ? null : !answer;
  }
  if ('segment' in condition) return naiveMember(person.segments[condition.segment] as Condition, person);
  if ('field' in condition) return fieldHolds(condition, person);
  if ('localTime' in condition) return hourHolds(condition.localTime, condition.days, person);
  return naiveHolds(condition, person);
}

function fieldHolds({ field, op, value }: FieldCondition, person: NaivePerson): boolean {
  const found = field === 'user.lastSeenAt' ? person.lastSeenAt : person.traits[field.split('.')[2] ?? ''];
  if (op === 'eq') return found === value;
  if (typeof found !== 'number' || found === 0) return false;
  const age = person.now - found;
  const span = spanOf(String(value));
  if (op === 'olderThan') return age >= span;
  if (op === 'withinLast') return age >= 0 && age < span;
  return age <= 0 && -age < span;
}

function hourHolds([from, to]: [string, string], days: string[] | undefined, { now, zones }: NaivePerson) {
  const print = new Intl.DateTimeFormat('en-US', {
    timeZone: zones.user,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => print.find((one) => one.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const today = week.indexOf(part('weekday').toLowerCase());
  const starts = (day: number) => !days || days.includes(week[(day + 7) % 7] as string);
  if (from < to) return time >= from && time < to && starts(today);
  return (time >= from && starts(today)) || (time < to && starts(today - 1));
}
