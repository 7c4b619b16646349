/** Documents that are lists and JSON here: what each is for, and what a new one begins as. */
import { t } from '../language.ts';

export const KINDS = ['templates', 'segments', 'lookups', 'channels', 'policies'] as const;
export type Kind = (typeof KINDS)[number];

export function isDocumentKind(name: string): name is Kind {
  return (KINDS as readonly string[]).includes(name);
}

interface About {
  title: string;
  what: string;
  /** Where only some ids exist. */
  ids?: readonly string[];
  beginning(id: string): object;
}

export function about(kind: Kind): About {
  switch (kind) {
    case 'templates':
      return {
        title: t('Templates', '템플릿'),
        what: t('What messages say, by channel and language.', '채널과 언어마다 메시지에 담을 문구입니다.'),
        beginning: (id) => ({
          id,
          defaultLocale: 'ko',
          locales: {
            ko: { in_app: { layout: 'modal', title: '제목', body: '내용' } },
            en: { in_app: { layout: 'modal', title: 'Title', body: 'Text' } },
          },
        }),
      };
    case 'segments':
      return {
        title: t('Segments', '세그먼트'),
        what: t(
          'Groups of users, by a condition; always up to date.',
          '조건으로 묶은 사용자 그룹이며 늘 최신입니다.',
        ),
        beginning: (id) => ({ id, name: id, if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } }),
      };
    case 'lookups':
      return {
        title: t('Keyword tables', '키워드 표'),
        what: t(
          'What a keyword means: its address and title, for example.',
          '키워드마다 연결할 주소나 이름을 적은 표입니다.',
        ),
        beginning: (id) => ({ id, rows: [{ key: '실반지', url: '/c/thin-rings', title: '실반지' }] }),
      };
    case 'channels':
      return {
        title: t('Channels', '채널'),
        what: t(
          'How messages leave. Secrets can be written, never read.',
          '메시지가 나가는 길입니다. 비밀 값은 쓸 수만 있고 다시 볼 수 없습니다.',
        ),
        ids: [
          'push',
          'web_push',
          'email',
          'sms',
          'lms',
          'kakao_info',
          'kakao_brand',
          'line',
          'whatsapp',
          'webhook',
        ],
        beginning: (id) => ({ id, provider: 'webhook', settings: { url: 'https://' } }),
      };
    case 'policies':
      return {
        title: t('Policies', '정책'),
        what: t(
          'What holds for every trigger: caps, quiet hours, law, hold-out.',
          '모든 트리거에 적용되는 규칙: 발송 한도, 방해 금지 시간, 법, 대조군.',
        ),
        ids: ['workspace', 'caps', 'quiet_hours', 'law', 'holdout'],
        beginning: (id) => ({ id, ...POLICIES[id] }),
      };
  }
}

const POLICIES: Record<string, object> = {
  workspace: { tz: 'Asia/Seoul', locale: 'ko', currency: 'KRW', identity: 'optional' },
  caps: { rules: [{ count: 3, window: { last: '24h' }, channel: 'push' }] },
  quiet_hours: { from: '21:00', to: '08:00', tz: 'user', action: 'hold' },
  law: { jurisdiction: 'KR', inApp: false },
  holdout: { share: 0.05 },
};
