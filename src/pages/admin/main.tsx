/** The marketer's page. It knows Reflex by the admin API alone. */
import { render } from 'preact';
import { App } from './app.tsx';
import { t } from './language.ts';
import { startRouting } from './route.ts';
import { session } from './session.ts';
import { askSession } from './sign-in.tsx';
import { confirm } from './ui/confirm.tsx';

startRouting(() =>
  confirm({
    title: t('Leave without saving?', '저장하지 않고 나갈까요?'),
    body: t('What you changed here is not saved yet.', '여기서 고친 내용이 아직 저장되지 않았습니다.'),
    action: t('Leave', '나가기'),
    isDangerous: true,
  }),
);
addEventListener('keydown', (event) => {
  const target = event.target as HTMLElement;
  if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
  const search = document.querySelector<HTMLInputElement>('input[type=search]');
  if (!search) return;
  event.preventDefault();
  search.focus();
});
askSession().catch(() => {
  session.value = null;
});
const root = document.getElementById('app');
if (root) render(<App />, root);
