/** Korean and English, side by side where they are used: neither can be forgotten. */
import { signal } from '@preact/signals';

export type Language = 'en' | 'ko';
/** A text in both languages, where it is data. */
export interface Both {
  en: string;
  ko: string;
}

const STORED_AS = 'reflex_admin_language';

export const language = signal<Language>(
  (localStorage.getItem(STORED_AS) ?? navigator.language).startsWith('ko') ? 'ko' : 'en',
);

export function t(en: string, ko: string): string {
  return language.value === 'ko' ? ko : en;
}

export function of(both: Both): string {
  return both[language.value];
}

export function choose(next: Language): void {
  language.value = next;
  localStorage.setItem(STORED_AS, next);
}

/** An instant as this reader writes it. */
export function when(iso: string | null | undefined): string {
  if (!iso) return '–';
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'short', timeStyle: 'medium' }).format(
    new Date(iso),
  );
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** In English, where one is told from many. */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** `currency`: three letters, as in `KRW`. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat(language.value, { style: 'currency', currency }).format(amount);
}
