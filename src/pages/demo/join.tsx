import { joinWithBag } from './bag.ts';
import { Dialog } from './dialog.tsx';
import { joinIsOpen } from './route.ts';
import { t } from './words.ts';

export function Join() {
  return (
    <Dialog open={joinIsOpen} title={t('joinTitle')} class="join">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const name = String(form.get('name')).trim();
          if (name === '') return;
          void joinWithBag(name, form.has('push'), form.has('night'));
          joinIsOpen.value = false;
        }}
      >
        <p class="text">{t('joinText')}</p>
        <label class="field">
          {t('name')}
          <input name="name" required maxLength={100} autocomplete="given-name" pattern=".*\S.*" />
        </label>
        <Consent name="push" text={t('pushConsent')} />
        <Consent name="night" text={t('nightConsent')} />
        <button type="submit" class="primary">
          {t('join')}
        </button>
      </form>
    </Dialog>
  );
}

function Consent({ name, text }: { name: string; text: string }) {
  return (
    <label class="consent">
      <input type="checkbox" name={name} />
      <span>{text}</span>
      <small>{t('optional')}</small>
    </label>
  );
}
