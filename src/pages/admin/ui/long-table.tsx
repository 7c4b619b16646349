import { useState } from 'preact/hooks';
import { number, t } from '../language.ts';
import { type Column, Table } from './table.tsx';

/** Nobody reads two thousand lines at once, and a page slows down under them. */
const AT_ONCE = 25;

interface Props<T> {
  label: string;
  columns: Column<T>[];
  /** They have no ids: their places tell them apart, so more may only come after them. */
  items: readonly T[];
}

/** A table that grows as it is read. */
export function LongTable<T extends object>({ label, columns, items }: Props<T>) {
  const [shown, setShown] = useState(AT_ONCE);
  const left = items.length - shown;
  return (
    <>
      <Table<T & { key: string }>
        label={label}
        items={items.slice(0, shown).map((item, index) => ({ ...item, key: String(index) }))}
        keyOf={({ key }) => key}
        columns={columns}
      />
      {left > 0 && (
        <button type="button" class="plain" onClick={() => setShown(shown + AT_ONCE)}>
          {t(`More (${number(left)})`, `더 보기 (${number(left)})`)}
        </button>
      )}
    </>
  );
}
