/** What stands beside the form. */
import { useState } from 'preact/hooks';
import { t } from '../language.ts';

type Shown = 'preview' | 'backtest' | 'json';

export interface BesideForm {
  shown: Shown;
  show(next: Shown): void;
}

export function useBesideForm(): BesideForm {
  const [shown, show] = useState<Shown>('preview');
  return { shown, show };
}

export function BesideChoice({ beside: { shown, show } }: { beside: BesideForm }) {
  const words: readonly (readonly [Shown, string])[] = [
    ['preview', t('Preview', '미리 보기')],
    ['backtest', t('Backtest', '백테스트')],
    ['json', 'JSON'],
  ];
  return (
    <fieldset class="choice">
      <legend class="unseen">{t('Beside the form', '양식 옆에')}</legend>
      {words.map(([one, word]) => (
        <button key={one} type="button" aria-pressed={shown === one} onClick={() => show(one)}>
          {word}
        </button>
      ))}
    </fieldset>
  );
}
