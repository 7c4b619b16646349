import { t } from './language.ts';
import { LanguageChoice } from './language-choice.tsx';
import { StopAll } from './operations/stop-all.tsx';
import { route } from './route.ts';
import { session } from './session.ts';
import { signOut } from './sign-in.tsx';

const places = () => [
  { to: 'triggers', name: t('Triggers', '트리거') },
  { to: 'reports', name: t('Reports', '성과') },
  { to: 'templates', name: t('Templates', '템플릿') },
  { to: 'users', name: t('Users', '사용자') },
  { to: 'deliveries', name: t('Deliveries', '발송 내역') },
  { to: 'dead-letters', name: t('Dead letters', '발송 실패') },
  { to: 'segments', name: t('Segments', '세그먼트') },
  { to: 'lookups', name: t('Keyword tables', '키워드 표') },
  { to: 'channels', name: t('Channels', '채널') },
  { to: 'policies', name: t('Policies', '정책') },
  { to: 'keys', name: t('Keys', '키') },
  { to: 'audit', name: t('Audit log', '변경 기록') },
];

export function Navigation() {
  const [here = 'triggers'] = route.value;
  const current = here === 'new' ? 'triggers' : here;
  return (
    <header class="top">
      <a class="brand" href="#/triggers">
        <span class="logo" aria-hidden="true" /> Reflex
      </a>
      <nav aria-label={t('Main', '주 메뉴')}>
        <ul>
          {places().map(({ to, name }) => (
            <li key={to}>
              <a href={`#/${to}`} aria-current={current === to ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="account">
        <StopAll />
        <LanguageChoice />
        <button type="button" class="plain" title={session.value?.id ?? ''} onClick={() => void signOut()}>
          {t('Sign out', '나가기')}
        </button>
      </div>
    </header>
  );
}
