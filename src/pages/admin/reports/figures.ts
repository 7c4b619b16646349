import { language, number, t } from '../language.ts';

/** Null: of nothing, of which no share can be told. */
export function percent(share: number | null, digits = 1): string {
  if (share === null) return t('not enough data', '데이터 부족');
  const format = { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(language.value, format).format(share);
}

export function money(amount: number, currency: string): string {
  try {
    const format = { style: 'currency', currency, maximumFractionDigits: 0 } as const;
    return new Intl.NumberFormat(language.value, format).format(amount);
  } catch {
    // A client may name anything as its currency.
    return `${number(amount)} ${currency}`;
  }
}

export function ratio(part: number, whole: number): string {
  return percent(whole > 0 ? part / whole : null);
}

/** With its sign. */
export function change(share: number): string {
  const format = { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
  return new Intl.NumberFormat(language.value, format).format(share);
}

export function points(difference: number): string {
  const format = { maximumFractionDigits: 2, signDisplay: 'exceptZero' } as const;
  return `${new Intl.NumberFormat(language.value, format).format(difference * 100)} ${t('points', '%p')}`;
}
