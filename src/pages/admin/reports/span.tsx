import { t } from '../language.ts';

const DAYS = [7, 28, 90] as const;

export function SpanChoice({ days, choose }: { days: number; choose(days: number): void }) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{t('Of the last', '기간')}</legend>
      {DAYS.map((one) => (
        <button key={one} type="button" aria-pressed={one === days} onClick={() => choose(one)}>
          {t(`${one} days`, `${one}일`)}
        </button>
      ))}
    </fieldset>
  );
}

/** As the API takes it. */
export function instantAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

/** A day of this reader's clock so many days ago, today being the first. */
export function dayAgo(days: number): string {
  const at = new Date(Date.now() - (days - 1) * 86_400_000);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}
