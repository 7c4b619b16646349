import { useState } from 'preact/hooks';
import { CHANNELS } from '../../../engine/trigger.ts';
import { t, when } from '../language.ts';
import { linkTo } from '../route.ts';
import { gist } from '../ui/gist.ts';
import { Filters } from './filters.tsx';
import { Paged } from './paged.tsx';
import { UserLink } from './user-link.tsx';

interface Delivery {
  id: string;
  trigger: string;
  userId: string | null;
  anonymousId: string | null;
  channel: string;
  status: string;
  reason: string;
  attempts: number;
  content: Record<string, unknown> | null;
  createdAt: string;
  test?: true;
}

const STATUSES = [
  'queued',
  'held',
  'sent',
  'delivered',
  'shown',
  'clicked',
  'cancelled',
  'unknown',
  'failed',
  'dead',
];
const BAD = ['unknown', 'failed', 'dead'];

export function Deliveries() {
  const [query, setQuery] = useState('');
  return (
    <>
      <h1>{t('Deliveries', '발송 내역')}</h1>
      <Filters
        change={setQuery}
        filters={[
          { name: 'userId', label: t('User id, or anon:…', '사용자 ID 또는 anon:…') },
          { name: 'trigger', label: t('Trigger', '트리거') },
          { name: 'channel', label: t('Channel', '채널'), choices: CHANNELS },
          { name: 'status', label: t('Status', '상태'), choices: STATUSES },
        ]}
      />
      <Paged<Delivery>
        path={`deliveries?limit=30&${query}`}
        label={t('Deliveries', '발송 내역')}
        keyOf={({ id }) => id}
        columns={() => [
          { head: t('When', '시각'), cell: ({ createdAt }) => when(createdAt) },
          {
            head: t('Trigger', '트리거'),
            cell: ({ trigger }) => <a href={linkTo('triggers', trigger)}>{trigger}</a>,
          },
          { head: t('To', '받는 사람'), cell: (one) => <UserLink {...one} /> },
          { head: t('Channel', '채널'), cell: ({ channel }) => channel },
          {
            head: t('Status', '상태'),
            cell: ({ status, reason, attempts, test }) => (
              <>
                <span class={`badge ${BAD.includes(status) ? 'bad' : 'active'}`}>{status}</span>{' '}
                <span class="quiet">
                  {reason !== status && reason} {attempts > 1 && `× ${attempts}`} {test && t('test', '시험')}
                </span>
              </>
            ),
          },
          { head: t('Text', '내용'), cell: ({ content }) => <span class="quiet">{gist(content)}</span> },
        ]}
      />
    </>
  );
}
