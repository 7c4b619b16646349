/**
 * The law of advertising as a person reads it, without the engine's tables: what the formatter's clocks say, the last word
 * that the user gave, and days compared as text.
 */
import type { Channel } from '../../src/engine/trigger.ts';

export interface SaidSo {
  granted: boolean;
  at: number;
}
/** `push|marketing` → the last word on it. */
export type Said = Record<string, SaidSo>;

export interface Handed {
  at: number;
  channel: Channel;
  category: 'marketing' | 'transactional';
  jurisdiction: string;
  /** Null: nobody knows where the user lives. */
  zone: string | null;
  said: Said;
}

const ASKED: Partial<Record<Channel, string>> = { lms: 'sms', kakao_brand: 'kakao', kakao_info: 'kakao' };
/** Every zone that the database lists for the United States, Puerto Rico, Guam, Samoa, the Marianas and the Virgin Islands. */
const AMERICAN = [
  ...[
    'New_York',
    'Detroit',
    'Kentucky/Louisville',
    'Kentucky/Monticello',
    'Indiana/Indianapolis',
    'Indiana/Vincennes',
  ],
  ...[
    'Indiana/Winamac',
    'Indiana/Marengo',
    'Indiana/Petersburg',
    'Indiana/Vevay',
    'Indiana/Tell_City',
    'Indiana/Knox',
  ],
  ...[
    'Chicago',
    'Menominee',
    'North_Dakota/Center',
    'North_Dakota/New_Salem',
    'North_Dakota/Beulah',
    'Denver',
    'Boise',
  ],
  ...[
    'Phoenix',
    'Los_Angeles',
    'Anchorage',
    'Juneau',
    'Sitka',
    'Metlakatla',
    'Yakutat',
    'Nome',
    'Adak',
    'Puerto_Rico',
  ],
  'St_Thomas',
]
  .map((city) => `America/${city}`)
  .concat('Pacific/Honolulu', 'Pacific/Guam', 'Pacific/Pago_Pago', 'Pacific/Saipan');

/** Why a message may not be given to a provider at that instant; null where it may. */
export function unlawfulBecause(handed: Handed): string | null {
  const { at, channel, category, jurisdiction, said } = handed;
  if (channel === 'kakao_brand' && isBetween(at, 'Asia/Seoul', '20:50')) return 'Kakao takes none now';
  if (category === 'transactional') return null;
  const asked = ASKED[channel] ?? channel;
  if (!stands(said[`${asked}|marketing`], at, jurisdiction)) return 'no consent';
  return jurisdiction === 'US'
    ? americanNight(handed)
    : koreanNight(handed, said[`${asked}|marketing_night`]);
}

function americanNight({ at, channel, zone }: Handed): string | null {
  if (channel !== 'sms' && channel !== 'lms') return null;
  const closed = (zone === null ? AMERICAN : [zone]).find((one) => isBetween(at, one, '21:00'));
  return closed === undefined ? null : `night in ${closed}`;
}

function koreanNight({ at, channel, jurisdiction }: Handed, opened: SaidSo | undefined): string | null {
  if (channel === 'email' || !isBetween(at, 'Asia/Seoul', '21:00')) return null;
  return stands(opened, at, jurisdiction) ? null : 'night in Korea';
}

/** From that time on, until eight in the morning. */
function isBetween(at: number, zone: string, from: string): boolean {
  return clock(at, zone) >= from || clock(at, zone) < '08:00';
}

/** In Korea only until the second anniversary of the day on which it was given, where nobody asks for it again. */
function stands(last: SaidSo | undefined, at: number, jurisdiction: string): boolean {
  if (!last?.granted) return false;
  if (jurisdiction !== 'KR') return true;
  const [year, ...rest] = day(last.at, 'Asia/Seoul').split('-');
  return day(at, 'Asia/Seoul') < [Number(year) + 2, ...rest].join('-');
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(zone, made);
  return made;
}
const day = (at: number, zone: string) => format(zone).format(at).slice(0, 10);
const clock = (at: number, zone: string) => format(zone).format(at).slice(11);
