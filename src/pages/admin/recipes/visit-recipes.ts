/** Recipes that answer somebody who is here right now. */
import { inAppTemplate, linkAsk, type Recipe } from './recipe.ts';

export const signUpNudge: Recipe = {
  id: 'sign-up-nudge',
  title: { en: 'Sign-up nudge', ko: '가입 유도' },
  what: {
    en: 'Invites a visitor on the very first page; gone the moment they join.',
    ko: '처음 온 방문자에게 바로 가입을 권하고, 가입하는 순간 사라집니다.',
  },
  channel: 'in_app',
  asks: [
    { id: 'benefit', label: { en: 'What joining brings', ko: '가입 혜택' }, initial: '15%' },
    linkAsk('/signup'),
  ],
  make: ({ benefit = '', link = '' }) => ({
    template: inAppTemplate('sign-up-nudge', 'modal', link, {
      ko: {
        title: '처음이신가요?',
        body: `지금 가입하면 첫 구매에 ${benefit} 혜택을 드려요.`,
        button: '가입하기',
      },
      en: { title: 'New here?', body: `Join now and get ${benefit} off your first order.`, button: 'Join' },
    }),
    trigger: {
      id: 'sign-up-nudge',
      name: '첫 방문 가입 유도',
      category: 'marketing',
      priority: 70,
      entry: {
        on: [{ event: '$page' }],
        if: {
          all: [
            { occurrence: 'first_ever' },
            { field: 'user.known', op: 'eq', value: false },
            { didNot: 'Signed Up' },
          ],
        },
      },
      reeligibility: { mode: 'never', per: 'user' },
      exit: [{ on: { event: 'Signed Up' }, reason: 'signed_up' }],
      steps: [{ id: 'show', send: { channels: ['in_app'], template: 'sign-up-nudge' } }],
      delivery: { expireAfter: '30m', recheck: { didNot: 'Signed Up' } },
      goals: [{ id: 'signed-up', on: { event: 'Signed Up' }, within: '1d' }],
    },
  }),
};

export const searchPrompt: Recipe = {
  id: 'search-prompt',
  title: { en: 'Search → category', ko: '검색어 → 카테고리 안내' },
  what: {
    en: 'Answers a search with the way to the category that it means.',
    ko: '검색어에 맞는 카테고리를 검색하는 순간 안내합니다.',
  },
  channel: 'in_app',
  asks: [
    {
      id: 'rows',
      kind: 'rows',
      label: { en: 'Keywords and where they lead', ko: '검색어와 연결할 주소' },
      hint: { en: 'One a line: keyword, address, title', ko: '한 줄에 하나씩: 검색어, 주소, 이름' },
      initial: '실반지, /c/thin-rings, 실반지',
    },
  ],
  make: ({ rows = '' }) => ({
    lookup: { id: 'search-keywords', rows: rowsOf(rows) },
    template: inAppTemplate('search-prompt', 'banner', '{{lookup.url}}', {
      ko: {
        title: '{{lookup.title}} 모아 보기',
        body: '찾으시는 {{lookup.title}}, 한곳에 모아 두었어요.',
        button: '보러 가기',
      },
      en: {
        title: 'All of {{lookup.title}}',
        body: 'Everything in {{lookup.title}}, in one place.',
        button: 'Take me there',
      },
    }),
    trigger: {
      id: 'search-prompt',
      name: '검색어 → 카테고리 안내',
      category: 'marketing',
      priority: 60,
      entry: {
        on: [{ event: 'Products Searched' }],
        lookup: { table: 'search-keywords', key: { ref: 'event.properties.query' }, match: 'normalized' },
        key: ['lookup.url'],
        if: { field: 'event.context.page.path', op: 'ne', value: { ref: 'lookup.url' }, orMissing: true },
      },
      reeligibility: { mode: 'cooldown', after: 'session', per: 'key' },
      steps: [{ id: 'show', send: { channels: ['in_app'], surface: 'search', template: 'search-prompt' } }],
      delivery: { expireAfter: '10m' },
    },
  }),
};

function rowsOf(text: string): { key: string; url: string; title: string }[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter(([key]) => key)
    .map(([key = '', url = '/', title]) => ({ key, url, title: title || key }));
}

export const abandonedCart: Recipe = {
  id: 'abandoned-cart',
  title: { en: 'Abandoned cart', ko: '장바구니 이탈' },
  what: {
    en: 'Reminds of what waits in the cart; called off by the order, at once.',
    ko: '장바구니에 담고 떠난 사람에게 알리고, 주문하는 순간 취소됩니다.',
  },
  channel: 'push',
  asks: [
    {
      id: 'after',
      label: { en: 'Wait', ko: '기다리는 시간' },
      hint: { en: '30m, 1h …', ko: '30m, 1h …' },
      initial: '1h',
    },
    linkAsk('/cart'),
  ],
  make: ({ after = '1h', link = '' }) => ({
    template: {
      id: 'abandoned-cart',
      defaultLocale: 'ko',
      locales: {
        ko: {
          push: {
            title: '담아 둔 상품이 기다려요',
            body: '{{entry.event.properties.name}}, 아직 장바구니에 있어요.',
            link,
          },
          defaults: { 'entry.event.properties.name': '고른 상품' },
        },
        en: {
          push: {
            title: 'Still in your cart',
            body: '{{entry.event.properties.name}} is waiting for you.',
            link,
          },
          defaults: { 'entry.event.properties.name': 'Your choice' },
        },
      },
    },
    trigger: {
      id: 'abandoned-cart',
      name: '장바구니 이탈 알림',
      category: 'marketing',
      priority: 60,
      entry: { on: [{ event: 'Product Added' }], concurrency: 'restart' },
      reeligibility: { mode: 'cooldown', after: '3d' },
      exit: [{ on: { event: 'Order Completed' }, reason: 'ordered' }],
      steps: [
        { id: 'wait', wait: after as '1h' },
        { id: 'remind', send: { channels: ['push'], template: 'abandoned-cart' } },
      ],
      delivery: { recheck: { field: 'user.cart.count', op: 'gt', value: 0 } },
      goals: [
        { id: 'ordered', on: { event: 'Order Completed' }, within: '3d', value: 'event.properties.revenue' },
      ],
    },
  }),
};
