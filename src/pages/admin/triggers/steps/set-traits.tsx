/** Traits that a run writes down. Paths have dots of their own, so they are told whole. */
import type { Value } from '../../../../engine/trigger.ts';
import { t } from '../../language.ts';
import { FieldIssue } from '../../ui/api-words.tsx';
import { usePlace } from '../../ui/editing.ts';

export function SetTraits({ path }: { path: string }) {
  const { value, set, isLocked, issue } = usePlace<Record<string, Value>>(path);
  const entries = Object.entries(value ?? {});
  const write = (next: [string, Value][]) => set(Object.fromEntries(next));
  return (
    <div data-path={path} tabIndex={-1}>
      {entries.map(([trait, to], index) => (
        <div class="row" key={index}>
          <input
            aria-label={t('Trait', '속성')}
            value={trait}
            disabled={isLocked}
            onInput={({ currentTarget }) =>
              write(entries.map((one, at) => (at === index ? [currentTarget.value, to] : one)))
            }
          />
          <input
            aria-label={t('Becomes', '값')}
            value={textOf(to)}
            disabled={isLocked}
            onInput={({ currentTarget }) =>
              write(entries.map((one, at) => (at === index ? [trait, typed(currentTarget.value)] : one)))
            }
          />
        </div>
      ))}
      <FieldIssue issue={issue} />
      <button
        type="button"
        class="plain"
        disabled={isLocked}
        onClick={() => write([...entries, [`user.traits.trait${entries.length + 1}`, 'yes']])}
      >
        {t('+ trait', '+ 속성')}
      </button>
    </div>
  );
}

/** As one types it: `3`, `true`, `{"ref": "user.lastSeenAt"}`; anything else is a text. */
function typed(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
