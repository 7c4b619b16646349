import { useId } from 'preact/hooks';
import type { Issue } from '../api.ts';
import { FieldIssue, IssueWords } from './api-words.tsx';
import { type Place, usePlace } from './editing.ts';

interface FieldProps {
  path: string;
  label: string;
  hint?: string;
}

/** Label, field, and beneath it what is wrong with it. */
function Framed({
  id,
  label,
  hint,
  issue,
  children,
}: {
  id: string;
  label: string;
  hint: string | undefined;
  issue: Issue | null;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {(hint || issue) && (
        <p id={`${id}-note`} class={issue ? 'issue' : 'hint'}>
          {issue ? <IssueWords issue={issue} /> : hint}
        </p>
      )}
    </div>
  );
}

function attributes(id: string, path: string, { issue, isLocked }: Place<unknown>) {
  return {
    id,
    disabled: isLocked,
    'data-path': path,
    'aria-invalid': issue !== null,
    'aria-describedby': `${id}-note`,
  };
}

interface TextProps extends FieldProps {
  placeholder?: string;
  /** Proposals, from which may be strayed. */
  list?: readonly string[];
  isLong?: boolean;
  /** Empty text stays in the document. */
  isRequired?: boolean;
}

export function TextField({ path, label, hint, placeholder, list, isLong, isRequired }: TextProps) {
  const id = useId();
  const place = usePlace<string>(path);
  const set = (text: string) => place.set(text === '' && !isRequired ? undefined : text);
  const common = { ...attributes(id, path, place), value: place.value ?? '', placeholder: placeholder ?? '' };
  return (
    <Framed id={id} label={label} hint={hint} issue={place.issue}>
      {isLong ? (
        <textarea {...common} rows={3} onInput={(event) => set(event.currentTarget.value)} />
      ) : (
        <input
          {...common}
          list={list ? `${id}-list` : undefined}
          autocomplete="off"
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </Framed>
  );
}

export function NumberField({
  path,
  label,
  hint,
  min,
  max,
  step,
}: FieldProps & { min?: number; max?: number; step?: number }) {
  const id = useId();
  const place = usePlace<number>(path);
  return (
    <Framed id={id} label={label} hint={hint} issue={place.issue}>
      <input
        {...attributes(id, path, place)}
        type="number"
        min={min}
        max={max}
        step={step ?? 'any'}
        value={place.value ?? ''}
        onInput={({ currentTarget: { value, valueAsNumber } }) =>
          place.set(value === '' || Number.isNaN(valueAsNumber) ? undefined : valueAsNumber)
        }
      />
    </Framed>
  );
}

interface ChoiceProps extends FieldProps {
  /** Value and word; the empty value removes the field. */
  choices: readonly (readonly [string, string])[];
}

export function ChoiceField({ path, label, hint, choices }: ChoiceProps) {
  const id = useId();
  const place = usePlace<string>(path);
  const isOther = place.value !== undefined && !choices.some(([value]) => value === place.value);
  return (
    <Framed id={id} label={label} hint={hint} issue={place.issue}>
      <select
        {...attributes(id, path, place)}
        value={place.value ?? ''}
        onChange={(event) => place.set(event.currentTarget.value || undefined)}
      >
        {isOther && <option value={place.value}>{String(place.value)}</option>}
        {choices.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </Framed>
  );
}

/** Present and true, or absent. */
export function CheckField({ path, label }: Pick<FieldProps, 'path' | 'label'>) {
  const place = usePlace<boolean>(path);
  return (
    <label class="check" data-path={path}>
      <input
        type="checkbox"
        checked={place.value === true}
        disabled={place.isLocked}
        onChange={({ currentTarget }) => place.set(currentTarget.checked || undefined)}
      />
      {label}
    </label>
  );
}

interface SetProps extends FieldProps {
  choices: readonly (readonly [string, string])[];
}

/** Some of a closed list, in its order. */
export function SetField({ path, label, choices }: SetProps) {
  const place = usePlace<string[]>(path);
  const chosen = place.value ?? [];
  const toggle = (value: string) => {
    const next = choices.map(([one]) => one).filter((one) => (one === value) !== chosen.includes(one));
    place.set(next.length === 0 ? undefined : next);
  };
  return (
    <fieldset class="field" data-path={path} tabIndex={-1} disabled={place.isLocked}>
      <legend>{label}</legend>
      <div class="checks">
        {choices.map(([value, word]) => (
          <label key={value} class="check">
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            {word}
          </label>
        ))}
      </div>
      <FieldIssue issue={place.issue} />
    </fieldset>
  );
}
