import { PRODUCTS, type Product } from '../catalogue.ts';
import { changeOffer, offerOf } from '../offers.ts';
import { Picture } from '../picture.tsx';
import { language, t, type Word, won } from '../words.ts';

export function Owner() {
  return (
    <ul class="owner">
      {PRODUCTS.map((product) => (
        <Item key={product.id} product={product} />
      ))}
    </ul>
  );
}

function Item({ product }: { product: Product }) {
  const { price, stock } = offerOf(product);
  const title = product.title[language.value];
  const actions: { word: Word; change: Parameters<typeof changeOffer>[1] }[] = [
    { word: 'cheaper', change: { price: Math.round((price * 0.9) / 10) * 10 } },
    { word: 'reset', change: { price: product.price } },
    stock > 0
      ? { word: 'sellOut', change: { stock: 0 } }
      : { word: 'restock', change: { stock: product.stock } },
  ];
  return (
    <li>
      <Picture shape={product.shape} />
      <div>
        <p class="title">{title}</p>
        <p class="offer">
          {won(price)} · {t('stock')} {stock}
        </p>
        <div class="row">
          {actions.map(({ word, change }) => (
            <button
              key={word}
              type="button"
              aria-label={`${t(word)}: ${title}`}
              onClick={() => void changeOffer(product, change)}
            >
              {t(word)}
            </button>
          ))}
        </div>
      </div>
    </li>
  );
}
