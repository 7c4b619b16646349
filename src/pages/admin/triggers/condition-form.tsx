/** One level of conditions, all or any of which have to hold. What is nested deeper is told in words, and edited as JSON. */
import type { Condition } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { FieldIssue } from '../ui/api-words.tsx';
import { usePlace } from '../ui/editing.ts';
import { ConditionRow } from './condition-row.tsx';

type Group = { mode: 'all' | 'any'; rows: Condition[]; path: string };

/** A condition alone is a group of one; its rows then stand at the path itself. */
function groupOf(condition: Condition | undefined, path: string): Group {
  if (condition === undefined) return { mode: 'all', rows: [], path };
  if ('all' in condition) return { mode: 'all', rows: condition.all, path: `${path}.all` };
  if ('any' in condition) return { mode: 'any', rows: condition.any, path: `${path}.any` };
  return { mode: 'all', rows: [condition], path };
}

export function ConditionForm({ path }: { path: string }) {
  const { value, set, issue, isLocked } = usePlace<Condition>(path);
  const { mode, rows, path: rowsPath } = groupOf(value, path);
  const write = (next: Condition[], nextMode = mode) => {
    const [only] = next;
    if (only === undefined) return set(undefined);
    if (next.length === 1 && nextMode === 'all') return set(only);
    set(nextMode === 'all' ? { all: next } : { any: next });
  };
  return (
    <div data-path={path} tabIndex={-1}>
      {rows.length > 1 && (
        <label class="row">
          {t('Needed', '필요한 조건')}
          <select
            disabled={isLocked}
            value={mode}
            onChange={(event) => write(rows, event.currentTarget.value === 'any' ? 'any' : 'all')}
          >
            <option value="all">{t('all of these', '모두')}</option>
            <option value="any">{t('any of these', '하나라도')}</option>
          </select>
        </label>
      )}
      {rows.map((row, index) => (
        <ConditionRow
          key={index}
          condition={row}
          path={rowsPath === path ? path : `${rowsPath}.${index}`}
          replace={(next) =>
            write(
              next
                ? rows.map((one, at) => (at === index ? next : one))
                : rows.filter((_, at) => at !== index),
            )
          }
        />
      ))}
      <FieldIssue issue={issue} />
      <button
        type="button"
        class="plain"
        disabled={isLocked}
        onClick={() => write([...rows, { field: 'user.known', op: 'eq', value: true }])}
      >
        {t('+ condition', '+ 조건')}
      </button>
    </div>
  );
}
