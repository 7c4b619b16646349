import { choose, language } from './language.ts';

export function LanguageChoice() {
  return (
    <fieldset class="languages">
      <legend class="unseen">Language · 언어</legend>
      {(['ko', 'en'] as const).map((one) => (
        <button
          key={one}
          type="button"
          class="plain"
          lang={one}
          aria-pressed={language.value === one}
          onClick={() => choose(one)}
        >
          {one === 'ko' ? '한국어' : 'English'}
        </button>
      ))}
    </fieldset>
  );
}
