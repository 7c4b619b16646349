import { useState } from 'preact/hooks';
import { type ApiFault, request } from './api.ts';
import { t } from './language.ts';
import { LanguageChoice } from './language-choice.tsx';
import { type SignedIn, session } from './session.ts';
import { FaultWords } from './ui/api-words.tsx';
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
        <div id="sign-in-fault" class="issue" role="alert">
          {fault && <Refused fault={fault} />}
        </div>
        <button type="submit" class="main wide" disabled={isBusy}>
          {t('Sign in', '들어가기')}
        </button>
        <LanguageChoice />
      </form>
    </main>
  );
}

/** Only a token that was looked at can be wrong. */
function Refused({ fault }: { fault: ApiFault }) {
  if (fault.code === 'wrong_origin') return <WrongOrigin fault={fault} />;
  if (fault.code === 'unauthorized' || fault.code === 'forbidden') {
    return <p>{t('This token opens nothing here.', '이 토큰으로는 들어올 수 없습니다.')}</p>;
  }
  return <FaultWords fault={fault} />;
}

function WrongOrigin({ fault }: { fault: ApiFault }) {
  const { expected = '', said = '' } = fault.issues[0]?.values ?? {};
  return (
    <>
      <p>
        {said === ''
          ? t(
              'The token was not looked at: the browser did not say which address this page comes from (no Origin header).',
              '토큰은 확인하지 않았습니다. 브라우저가 이 페이지의 주소를 알리지 않았습니다(Origin 헤더 없음).',
            )
          : t(
              `The token was not looked at: the request came from another address than the server’s own: ${said}.`,
              `토큰은 확인하지 않았습니다. 서버의 주소와 다른 주소에서 온 요청입니다: ${said}.`,
            )}
      </p>
      <p>
        {t(
          `Open this page at ${expected}/admin/. If it is open there, an extension or a proxy between changes the Origin or Host header.`,
          `${expected}/admin/ 에서 이 페이지를 여세요. 이미 그 주소라면 확장 프로그램이나 중간 프록시가 Origin 또는 Host 헤더를 바꾸고 있습니다.`,
        )}
      </p>
    </>
  );
}
