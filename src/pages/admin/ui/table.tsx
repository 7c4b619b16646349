export interface Column<T> {
  head: string;
  cell(item: T): preact.ComponentChildren;
  isNumber?: boolean;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  items: T[];
  keyOf(item: T): string;
}

/** A table that becomes a list of cards where the screen is narrow. */
export function Table<T>({ label, columns, items, keyOf }: Props<T>) {
  return (
    <table class="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ head, isNumber }) => (
            <th key={head} scope="col" class={isNumber ? 'number' : ''}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={keyOf(item)}>
            {columns.map(({ head, cell, isNumber }) => (
              <td key={head} data-head={head} class={isNumber ? 'number' : ''}>
                {cell(item)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
