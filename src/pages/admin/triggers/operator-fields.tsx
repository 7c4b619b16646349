import { useId } from 'preact/hooks';
import { OPERATORS, type Operator } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { FieldIssue } from '../ui/api-words.tsx';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField } from '../ui/fields.tsx';

const NEEDS_NO_VALUE: readonly string[] = ['exists', 'missing'] satisfies Operator[];

/** Operator and value. A value that reads as a number, true, false, a list or a reference is one; else it is text. */
export function OperatorFields({ path }: { path: string }) {
  const id = useId();
  const { value: operator } = usePlace<string>(`${path}.op`);
  const { value, set, issue, isLocked } = usePlace<unknown>(`${path}.value`);
  return (
    <>
      <ChoiceField path={`${path}.op`} label={t('Is', '비교')} choices={OPERATORS.map((one) => [one, one])} />
      {!NEEDS_NO_VALUE.includes(operator ?? '') && (
        <div class="field">
          <label for={id}>{t('Value', '값')}</label>
          <input
            id={id}
            data-path={`${path}.value`}
            disabled={isLocked}
            value={shown(value)}
            aria-invalid={issue !== null}
            onChange={(event) => set(meant(event.currentTarget.value))}
          />
          <FieldIssue issue={issue} />
        </div>
      )}
    </>
  );
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' && meant(value) === value ? value : JSON.stringify(value);
}

function meant(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value === null ? text : value;
  } catch {
    return text;
  }
}
