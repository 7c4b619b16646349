import { signal } from '@preact/signals';
import { checkOut, lines, removeFromCart, total } from './bag.ts';
import { Dialog } from './dialog.tsx';
import { Picture } from './picture.tsx';
import { say } from './toast.tsx';
import { language, t, won } from './words.ts';

export const cartIsOpen = signal(false);

export function Cart() {
  return (
    <Dialog open={cartIsOpen} title={t('cart')} class="drawer">
      {lines.value.length === 0 ? <p class="empty">{t('empty')}</p> : <Lines />}
    </Dialog>
  );
}

function Lines() {
  return (
    <>
      <ul class="lines">
        {lines.value.map(({ product, quantity, amount }) => (
          <li key={product.id}>
            <Picture shape={product.shape} />
            <div>
              <p class="title">{product.title[language.value]}</p>
              <p>
                {quantity} × {won(amount / quantity)}
              </p>
            </div>
            <button type="button" class="quiet" onClick={() => removeFromCart(product)}>
              {t('remove')}
            </button>
          </li>
        ))}
      </ul>
      <p class="total">
        <span>{t('total')}</span>
        <strong>{won(total.value)}</strong>
      </p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          void checkOut();
          cartIsOpen.value = false;
          say('ordered');
        }}
      >
        {t('checkout')}
      </button>
    </>
  );
}
