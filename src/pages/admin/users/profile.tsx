import { call } from '../api.ts';
import { number, t, when } from '../language.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Empty, Pending } from '../ui/notice.tsx';
import { Table } from '../ui/table.tsx';
import { Decisions } from './decisions.tsx';

interface ProfileView {
  userId: string | null;
  anonymousIds: string[];
  traits: Record<string, unknown>;
  firstSeenAt: string;
  lastSeenAt: string;
  sessions: { count: number; lastAt: string | null };
  consents: {
    channel: string;
    purpose: string;
    granted: boolean;
    at: string;
    source?: string;
    renewal: { lastDay: string; lapsed: boolean } | null;
  }[];
  relations: { relation: string; itemId: string; since: string }[];
  timeline: { messageId: string; name: string; timestamp: string; properties: Record<string, unknown> }[];
}

export function Profile({ id }: { id: string }) {
  const path = `profiles/${encodeURIComponent(id)}`;
  const loaded = useLoaded(() => call<ProfileView>('GET', path), path);
  if (loaded.fault?.status === 404) {
    return <Empty>{t('Nobody of this id has ever been here.', '이 ID로 온 사람은 아직 없습니다.')}</Empty>;
  }
  if (!loaded.value) return <Pending of={loaded} />;
  const view = loaded.value;
  return (
    <div class="split">
      <div class="forms">
        <Decisions id={id} />
      </div>
      <aside>
        <Facts view={view} />
        <Consents consents={view.consents} />
        <Timeline events={view.timeline} />
      </aside>
    </div>
  );
}

function Facts({ view }: { view: ProfileView }) {
  const facts: [string, string][] = [
    [t('User id', '사용자 ID'), view.userId ?? t('unknown visitor', '비회원')],
    [t('Anonymous ids', '익명 ID'), view.anonymousIds.join(', ') || '–'],
    [t('First seen', '첫 방문'), when(view.firstSeenAt)],
    [t('Last seen', '최근 방문'), when(view.lastSeenAt)],
    [t('Sessions', '세션'), number(view.sessions.count)],
    ...Object.entries(view.traits).map(([name, value]): [string, string] => [name, asText(value)]),
    ...view.relations.map(({ relation, itemId }): [string, string] => [relation, itemId]),
  ];
  return (
    <section class="part">
      <h2>{t('Known', '알려진 정보')}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name + value}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function confirmBy({ lastDay, lapsed }: { lastDay: string; lapsed: boolean }): string {
  return lapsed ? t(`missed (${lastDay})`, `지남 (${lastDay})`) : lastDay;
}

function Consents({ consents }: Pick<ProfileView, 'consents'>) {
  const newest = [...consents].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <section class="part">
      <h2>{t('Consents', '수신 동의')}</h2>
      {newest.length === 0 ? (
        <p class="quiet">
          {t('None: nothing leaves the app for this user.', '동의가 없어 앱 밖으로는 보내지 않습니다.')}
        </p>
      ) : (
        <Table
          label={t('Consents', '수신 동의')}
          items={newest}
          keyOf={({ channel, purpose, at }) => channel + purpose + at}
          columns={[
            { head: t('Channel', '채널'), cell: ({ channel }) => channel },
            { head: t('For', '용도'), cell: ({ purpose }) => purpose },
            {
              head: t('Agreed', '동의'),
              cell: ({ granted }) => (granted ? t('yes', '예') : t('no', '아니요')),
            },
            { head: t('Since', '시각'), cell: ({ at }) => when(at) },
            {
              head: t('To confirm by', '확인 기한'),
              cell: ({ renewal }) => (renewal ? confirmBy(renewal) : ''),
            },
          ]}
        />
      )}
    </section>
  );
}

function Timeline({ events }: { events: ProfileView['timeline'] }) {
  return (
    <section class="part">
      <h2>{t('Timeline', '활동')}</h2>
      <ol class="timeline">
        {events.map(({ messageId, name, timestamp, properties }) => (
          <li key={messageId}>
            <strong>{name}</strong> <time dateTime={timestamp}>{when(timestamp)}</time>
            {Object.keys(properties).length > 0 && <code class="quiet">{asText(properties)}</code>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
