import { language, t, when } from '../language.ts';
import { Paged } from './paged.tsx';

interface Entry {
  id: string;
  at: string;
  author: string;
  action: string;
  kind: string;
  document: string;
  beforeVersion: number | null;
  afterVersion: number | null;
  /** Where no person made the change. */
  why: string | null;
}

export function Audit() {
  return (
    <>
      <h1>{t('Audit log', '변경 기록')}</h1>
      <p class="quiet">{t('Who changed what, when.', '누가 언제 무엇을 바꿨는지 남습니다.')}</p>
      <Paged<Entry>
        path={`audit?limit=50&lang=${language.value}`}
        label={t('Audit log', '변경 기록')}
        keyOf={({ id }) => id}
        columns={() => [
          { head: t('When', '시각'), cell: ({ at }) => when(at) },
          { head: t('Who', '누가'), cell: ({ author }) => <code>{author}</code> },
          {
            head: t('Did', '무엇을'),
            cell: ({ action, why }) => (
              <div class="name">
                <span>
                  <span class="badge">{action}</span>
                </span>
                {why && <span class="quiet">{why}</span>}
              </div>
            ),
          },
          {
            head: t('To', '대상'),
            cell: ({ kind, document }) => (
              <>
                {kind} <code>{document}</code>
              </>
            ),
          },
          {
            head: t('Version', '버전'),
            isNumber: true,
            cell: ({ beforeVersion, afterVersion }) =>
              afterVersion === null ? '–' : `${beforeVersion ?? '–'} → ${afterVersion}`,
          },
        ]}
      />
    </>
  );
}
