/** The demo shop: a customer of Reflex like any other, and a panel that shows what Reflex makes of it. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { loadOffers } from './offers.ts';
import { Shop } from './shop.tsx';
import { showMessages } from './visitor.ts';
import { tellVisits } from './visits.ts';
import { language, t } from './words.ts';

effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t('shop')} · Reflex demo`;
});

const root = document.getElementById('app');
if (root) render(<Shop />, root);
void showMessages();
tellVisits();
void loadOffers();
