import { useId } from 'preact/hooks';
import { t } from '../language.ts';

interface Props {
  label: string;
  text: string;
  onText(text: string): void;
  rows?: number;
}

/** JSON as text. What doesn't parse is kept as it was typed, with where it stops being JSON. */
export function JsonText({ label, text, onText, rows = 24 }: Props) {
  const id = useId();
  const fault = jsonFault(text);
  return (
    <div class="json">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="code"
        rows={rows}
        spellcheck={false}
        autocomplete="off"
        value={text}
        aria-invalid={fault !== null}
        aria-describedby={`${id}-fault`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <p id={`${id}-fault`} class="issue" role="status">
        {fault}
      </p>
    </div>
  );
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Null for an object in JSON. */
export function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function jsonFault(text: string): string | null {
  if (parsedObject(text)) return null;
  try {
    JSON.parse(text);
    return t('One JSON object is needed: { … }', 'JSON 객체 하나가 필요합니다: { … }');
  } catch (error) {
    const line =
      /line (\d+)/.exec(String(error))?.[1] ?? lineAt(text, /position (\d+)/.exec(String(error))?.[1]);
    const where = line === undefined ? '' : t(` (line ${line})`, ` (${line}번째 줄)`);
    return t(
      `Not JSON yet${where}. Nothing is lost.`,
      `아직 JSON이 아닙니다${where}. 입력은 그대로 있습니다.`,
    );
  }
}

function lineAt(text: string, position: string | undefined): number | undefined {
  return position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
}
