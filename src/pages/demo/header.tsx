import { leaveShop, lines } from './bag.ts';
import { cartIsOpen } from './cart.tsx';
import { CATEGORIES } from './catalogue.ts';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';
import { joinIsOpen, route } from './route.ts';
import { search } from './search.ts';
import { member } from './visitor.ts';
import { language, speak, t } from './words.ts';

export function Header() {
  const other = language.value === 'ko' ? 'en' : 'ko';
  return (
    <header class="header">
      <div class="bar">
        <Link to="/" class="logo">
          <span class="mark">EUNHA</span>
          <span class="sub">{t('shop')}</span>
        </Link>
        <Search />
        <div class="actions">
          <Who />
          <button type="button" class="quiet" lang={other} onClick={() => speak(other)}>
            {other === 'ko' ? '한국어' : 'English'}
          </button>
          <CartButton />
        </div>
      </div>
      <Categories />
    </header>
  );
}

function Who() {
  const who = member.value;
  if (!who)
    return (
      <button
        type="button"
        class="quiet"
        onClick={() => {
          joinIsOpen.value = true;
        }}
      >
        {t('join')}
      </button>
    );
  return (
    <>
      <span class="who">
        {who.name}
        {t('hello')}
      </span>
      <button type="button" class="quiet" onClick={leaveShop}>
        {t('leave')}
      </button>
    </>
  );
}

function CartButton() {
  const count = lines.value.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <button
      type="button"
      class="cart-button"
      aria-label={`${t('cart')} (${count})`}
      onClick={() => {
        cartIsOpen.value = true;
      }}
    >
      <Icon name="bag" />
      {count > 0 && <span class="count">{count}</span>}
    </button>
  );
}

function Search() {
  const query = route.value.at === 'search' ? route.value.query : '';
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search(String(new FormData(event.currentTarget).get('query')));
        }}
      >
        <input
          type="search"
          name="query"
          maxLength={200}
          defaultValue={query}
          aria-label={t('searchLabel')}
          placeholder={t('search')}
        />
        <button type="submit" aria-label={t('find')}>
          <Icon name="search" />
        </button>
      </form>
    </search>
  );
}

function Categories() {
  const now = route.value;
  const at = now.at === 'category' ? now.category : now.at;
  const tabs = [
    { to: '/', at: 'home', text: t('all') },
    ...Object.entries(CATEGORIES).map(([id, title]) => ({
      to: `/c/${id}`,
      at: id,
      text: title[language.value],
    })),
    { to: '/benefits', at: 'benefits', text: t('benefits') },
  ];
  return (
    <nav class="categories" aria-label={t('categories')}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} current={tab.at === at}>
          {tab.text}
        </Link>
      ))}
    </nav>
  );
}
