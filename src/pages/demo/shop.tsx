import { Cart } from './cart.tsx';
import { CATEGORIES, PRODUCTS } from './catalogue.ts';
import { Header } from './header.tsx';
import { Icon } from './icon.tsx';
import { Join } from './join.tsx';
import { Link } from './link.tsx';
import { closed } from './offers.ts';
import { Panel } from './panel/panel.tsx';
import { Picture } from './picture.tsx';
import { Grid, ProductPage } from './products.tsx';
import { joinIsOpen, route } from './route.ts';
import { found } from './search.ts';
import { Toast } from './toast.tsx';
import { member } from './visitor.ts';
import { language, t } from './words.ts';

export function Shop() {
  if (closed.value === 'refused' || closed.value === 'unseeded') return <Closed why={closed.value} />;
  return (
    <div class="layout">
      <div class="shop">
        <Header />
        <main>
          <Place />
        </main>
        <footer class="footer">EUNHA · Reflex demo</footer>
      </div>
      <Panel />
      <Cart />
      <Join />
      <Toast />
    </div>
  );
}

function Closed({ why }: { why: 'refused' | 'unseeded' }) {
  return (
    <main class="closed">
      <p class="mark">EUNHA</p>
      <h1>{t('refusedTitle')}</h1>
      <p>{t(why)}</p>
    </main>
  );
}

function Place() {
  const now = route.value;
  switch (now.at) {
    case 'product':
      return <ProductPage product={now.product} />;
    case 'benefits':
      return <Benefits />;
    case 'category':
      return (
        <>
          <h1 class="heading">{CATEGORIES[now.category]?.[language.value]}</h1>
          <Grid products={PRODUCTS.filter(({ category }) => category === now.category)} />
        </>
      );
    case 'search':
      return <Results query={now.query} />;
    default:
      return (
        <>
          <Hero />
          <Grid products={PRODUCTS} />
        </>
      );
  }
}

function Hero() {
  return (
    <section class="hero">
      <Picture shape="ring" />
      <div>
        <h1>{t('heroTitle')}</h1>
        <p>{t('heroText')}</p>
        <Link to="/benefits" class="button">
          {t('heroButton')}
        </Link>
      </div>
    </section>
  );
}

function Results({ query }: { query: string }) {
  const products = found(query);
  return (
    <>
      <p class="eyebrow">{t('results')}</p>
      <h1 class="heading">“{query}”</h1>
      {products.length > 0 ? (
        <Grid products={products} />
      ) : (
        <p class="empty">
          {t('none')} <Link to="/">{t('showAll')}</Link>
        </p>
      )}
    </>
  );
}

function Benefits() {
  const benefits = [
    { icon: 'star', title: t('benefitFirst'), text: t('benefitFirstText') },
    { icon: 'gift', title: t('benefitBirthday'), text: t('benefitBirthdayText') },
    { icon: 'pen', title: t('benefitEngraving'), text: t('benefitEngravingText') },
  ] as const;
  return (
    <section class="benefits">
      <h1 class="heading">{t('benefitsTitle')}</h1>
      <ul>
        {benefits.map(({ icon, title, text }) => (
          <li key={icon}>
            <Icon name={icon} />
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      {!member.value && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            joinIsOpen.value = true;
          }}
        >
          {t('join')}
        </button>
      )}
    </section>
  );
}
