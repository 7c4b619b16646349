import { useState } from 'preact/hooks';
import { FIRED } from '../../../engine/reasons.ts';
import { CHANNELS, type Channel } from '../../../engine/trigger.ts';
import { t, when } from '../language.ts';
import { linkTo } from '../route.ts';
import { channelWord } from '../triggers/channel-words.ts';
import { gist } from '../ui/gist.ts';
import { ReasonWords } from '../ui/reason-words.tsx';
import { Filters } from './filters.tsx';
import { Paged } from './paged.tsx';
import { STATUSES, statusWord } from './status-words.ts';
import { UserLink } from './user-link.tsx';

interface Delivery {
  id: string;
  trigger: string;
  userId: string | null;
  anonymousId: string | null;
  channel: Channel;
  status: string;
  reason: string;
  attempts: number;
  content: Record<string, unknown> | null;
  createdAt: string;
  test?: true;
}

const BAD = ['unknown', 'failed', 'dead'];

/** Of what went well, the status says it all. */
function isNews(status: string, reason: string): boolean {
  return reason !== status && !FIRED.some((fired) => fired === reason);
}

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
          { name: 'channel', label: t('Channel', '채널'), choices: CHANNELS, word: channelWord },
          { name: 'status', label: t('Status', '상태'), choices: STATUSES, word: statusWord },
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
          {
            head: t('Channel', '채널'),
            cell: ({ channel }) => <span title={channel}>{channelWord(channel)}</span>,
          },
          {
            head: t('Status', '상태'),
            cell: ({ status, reason, attempts, test }) => (
              <span>
                <span class={`badge ${BAD.includes(status) ? 'bad' : 'active'}`} title={status}>
                  {statusWord(status)}
                </span>{' '}
                <span class="quiet">
                  {attempts > 1 && `× ${attempts}`} {test && t('test', '시험')}
                </span>
                {isNews(status, reason) && (
                  <span class="beside">
                    <ReasonWords reason={reason} />
                  </span>
                )}
              </span>
            ),
          },
          { head: t('Text', '내용'), cell: ({ content }) => <span class="quiet">{gist(content)}</span> },
        ]}
      />
    </>
  );
}
