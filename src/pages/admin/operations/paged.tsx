import { useState } from 'preact/hooks';
import { call, type Page } from '../api.ts';
import { t } from '../language.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Empty, Pending } from '../ui/notice.tsx';
import { type Column, Table } from '../ui/table.tsx';

interface Props<T> {
  /** With its query, without a cursor. */
  path: string;
  label: string;
  columns(reload: () => void): Column<T>[];
  keyOf(item: T): string;
}

/** A list of which the server answers a page at a time, newest first. */
export function Paged<T>({ path, label, columns, keyOf }: Props<T>) {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const asked = cursor
    ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
    : path;
  const loaded = useLoaded(() => call<Page<T>>('GET', asked), asked);
  if (!loaded.value) return <Pending of={loaded} />;
  const { items, cursor: next } = loaded.value;
  return (
    <>
      <Table label={label} items={items} keyOf={keyOf} columns={columns(loaded.reload)} />
      {items.length === 0 && <Empty>{t('Nothing here.', '아직 없습니다.')}</Empty>}
      <div class="row end">
        <button type="button" class="plain" onClick={loaded.reload}>
          {t('Look again', '새로고침')}
        </button>
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            {t('Newer', '이전')}
          </button>
        )}
        {next && (
          <button type="button" onClick={() => setCursors([...cursors, next])}>
            {t('Older', '다음')}
          </button>
        )}
      </div>
    </>
  );
}
