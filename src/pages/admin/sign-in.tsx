import { useState } from 'preact/hooks';
import { type ApiFault, request } from './api.ts';
import { t } from './language.ts';
import { LanguageChoice } from './language-choice.tsx';
import { type SignedIn, session } from './session.ts';
import { faultOf } from './ui/loaded.ts';

export async function askSession(): Promise<void> {
  const { body } = await request('GET', '/admin/session');
  const { id, expiresAt } = body as { id: string | null; expiresAt: string };
  session.value = id === null ? null : { id, expiresAt };
}

export async function signOut(): Promise<void> {
  await request('DELETE', '/admin/session');
  session.value = null;
}

/** The token goes from the field to the server, and is kept nowhere here. */
export function SignIn() {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    try {
      const { body } = await request('POST', '/admin/session', { token: new FormData(form).get('token') });
      session.value = body as SignedIn;
    } catch (error) {
      setFault(faultOf(error));
      form.reset();
      form.querySelector('input')?.focus();
    } finally {
      setBusy(false);
    }
  }
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>
          <span class="logo" aria-hidden="true" /> Reflex
        </h1>
        <p class="quiet">
          {t(
            'The right message, in the moment something happens.',
            '일이 일어난 바로 그 순간에, 알맞은 메시지를.',
          )}
        </p>
        <label for="token">{t('Admin token', '관리자 토큰')}</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          required
          autofocus
          aria-describedby="sign-in-fault"
        />
        <p id="sign-in-fault" class="issue" role="alert">
          {fault &&
            (fault.status === 401 || fault.status === 403
              ? t('This token opens nothing here.', '이 토큰으로는 들어올 수 없습니다.')
              : fault.message)}
        </p>
        <button type="submit" class="main wide" disabled={isBusy}>
          {t('Sign in', '들어가기')}
        </button>
        <LanguageChoice />
      </form>
    </main>
  );
}
