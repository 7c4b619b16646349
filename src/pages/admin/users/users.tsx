import { t } from '../language.ts';
import { go, linkTo } from '../route.ts';
import { Profile } from './profile.tsx';

export function Users({ id }: { id: string | null }) {
  function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): void {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get('user') ?? '').trim();
    if (wanted) go(linkTo('users', wanted));
  }
  return (
    <>
      <div class="head">
        <h1>{t('Users', '사용자')}</h1>
        <form class="row" onSubmit={submit}>
          <input
            type="search"
            name="user"
            aria-label={t('User id, or anon:…', '사용자 ID 또는 anon:…')}
            placeholder={t('User id, or anon:…  /', '사용자 ID 또는 anon:…  /')}
            defaultValue={id ?? ''}
          />
          <button type="submit" class="main">
            {t('Find', '찾기')}
          </button>
        </form>
      </div>
      {id ? (
        <Profile id={id} />
      ) : (
        <p class="empty">
          {t(
            'Find somebody to see what is known, what they did, and why they got each message, or not.',
            '사용자를 찾으면 알려진 정보와 활동, 그리고 각 메시지를 받은 이유와 받지 못한 이유를 볼 수 있습니다.',
          )}
        </p>
      )}
    </>
  );
}
