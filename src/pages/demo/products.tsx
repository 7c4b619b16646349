import { addToCart, isLiked, toggleLike } from './bag.ts';
import type { Product } from './catalogue.ts';
import { CATEGORIES } from './catalogue.ts';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';
import { offerOf } from './offers.ts';
import { Picture } from './picture.tsx';
import { language, t, won } from './words.ts';

const FEW = 5;

export function Grid({ products }: { products: Product[] }) {
  return (
    <ul class="grid">
      {products.map((product) => (
        <li key={product.id} class="card">
          <Link to={`/p/${product.id}`} class="tile">
            <Picture shape={product.shape} />
            <Stock product={product} />
            <span class="title">{product.title[language.value]}</span>
          </Link>
          <Price product={product} />
          <Heart product={product} />
          <AddButton product={product} />
        </li>
      ))}
    </ul>
  );
}

export function ProductPage({ product }: { product: Product }) {
  return (
    <section class="product">
      <Link to={`/c/${product.category}`} class="back">
        <Icon name="back" />
        {t('back')}
      </Link>
      <div class="tile">
        <Picture shape={product.shape} />
        <Stock product={product} />
      </div>
      <div class="facts">
        <p class="eyebrow">{CATEGORIES[product.category]?.[language.value]}</p>
        <h1>{product.title[language.value]}</h1>
        <Price product={product} />
        <p class="text">{t('pieceText')}</p>
        <div class="row">
          <AddButton product={product} />
          <Heart product={product} />
        </div>
      </div>
    </section>
  );
}

function Price({ product }: { product: Product }) {
  const { price } = offerOf(product);
  const off = Math.round((1 - price / product.price) * 100);
  if (off <= 0) return <p class="price">{won(price)}</p>;
  return (
    <p class="price">
      <del>{won(product.price)}</del> <strong>{off}%</strong> {won(price)}
    </p>
  );
}

function Stock({ product }: { product: Product }) {
  const { stock } = offerOf(product);
  if (stock === 0) return <span class="badge gone">{t('soldOut')}</span>;
  if (stock > FEW) return null;
  return (
    <span class="badge">
      {stock}
      {t('left')}
    </span>
  );
}

function Heart({ product }: { product: Product }) {
  return (
    <button
      type="button"
      class="heart"
      aria-pressed={isLiked(product)}
      aria-label={`${t('like')}: ${product.title[language.value]}`}
      onClick={() => toggleLike(product)}
    >
      <Icon name="heart" />
    </button>
  );
}

function AddButton({ product }: { product: Product }) {
  const isGone = offerOf(product).stock === 0;
  return (
    <button
      type="button"
      class="add"
      disabled={isGone}
      aria-label={`${t(isGone ? 'soldOut' : 'add')}: ${product.title[language.value]}`}
      onClick={() => addToCart(product)}
    >
      {t(isGone ? 'soldOut' : 'add')}
    </button>
  );
}
