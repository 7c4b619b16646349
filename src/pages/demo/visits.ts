/** Says to Reflex which place of the shop is looked at. */
import { effect, untracked } from '@preact/signals';
import { PRODUCTS } from './catalogue.ts';
import { type Route, route } from './route.ts';
import { propertiesOf, reflex } from './visitor.ts';

export function tellVisits(): void {
  effect(() => {
    const now = route.value;
    // Prices change; that is no visit.
    untracked(() => tell(now));
  });
}

function tell(now: Route): void {
  switch (now.at) {
    case 'home':
      reflex.page('Home');
      break;
    case 'benefits':
      reflex.page('Benefit Guide');
      break;
    case 'search':
      reflex.page('Search');
      break;
    case 'product':
      reflex.page('Product');
      reflex.track('Product Viewed', propertiesOf(now.product));
      break;
    case 'category': {
      const products = PRODUCTS.filter(({ category }) => category === now.category);
      reflex.page('Category');
      reflex.track('Product List Viewed', {
        list_id: now.category,
        category: now.category,
        products: products.map((product) => propertiesOf(product)),
      });
      break;
    }
  }
}
