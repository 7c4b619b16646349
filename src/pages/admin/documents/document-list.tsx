import { useState } from 'preact/hooks';
import { readAll } from '../api.ts';
import { t, when } from '../language.ts';
import { go, linkTo } from '../route.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Empty, Pending } from '../ui/notice.tsx';
import { Table } from '../ui/table.tsx';
import { about, type Kind } from './kinds.ts';
import { NewDocument } from './new-document.tsx';

interface Listed {
  id: string;
  name?: string;
  version: number;
  updatedAt: string;
  updatedBy: string;
}

export function DocumentList({ kind }: { kind: Kind }) {
  const loaded = useLoaded(() => readAll<Listed>(kind), kind);
  const [search, setSearch] = useState('');
  const { title, what } = about(kind);
  const items = (loaded.value ?? []).filter(({ id, name = '' }) => `${id} ${name}`.includes(search.trim()));
  return (
    <>
      <div class="head">
        <div>
          <h1>{title}</h1>
          <p class="quiet">{what}</p>
        </div>
        <input
          type="search"
          aria-label={t('Search', '검색')}
          placeholder={t('Search  /', '검색  /')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <NewDocument
          kind={kind}
          taken={(loaded.value ?? []).map(({ id }) => id)}
          made={(id) => go(linkTo(kind, id))}
        />
      </div>
      {loaded.value ? (
        <>
          <Table
            label={title}
            items={items}
            keyOf={({ id }) => id}
            columns={[
              {
                head: t('Name', '이름'),
                cell: ({ id, name }) => (
                  <div class="name">
                    <a href={linkTo(kind, id)}>{name ?? id}</a>
                    {name && name !== id && <span class="quiet">{id}</span>}
                  </div>
                ),
              },
              { head: t('Version', '버전'), isNumber: true, cell: ({ version }) => version },
              { head: t('Changed', '변경'), cell: ({ updatedAt }) => when(updatedAt) },
              { head: t('By', '변경한 키'), cell: ({ updatedBy }) => <code>{updatedBy}</code> },
            ]}
          />
          {items.length === 0 && <Empty>{t('Nothing here.', '아직 없습니다.')}</Empty>}
        </>
      ) : (
        <Pending of={loaded} />
      )}
    </>
  );
}
