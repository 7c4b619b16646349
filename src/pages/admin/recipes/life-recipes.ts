/** Recipes about items that somebody likes, and about the long run. */
import { linkAsk, pushTemplate, type Recipe } from './recipe.ts';

export const priceDrop: Recipe = {
  id: 'price-drop',
  title: { en: 'Price drop of liked items', ko: '찜한 상품 가격 인하' },
  what: {
    en: 'Tells those who liked an item, or have it in the cart, that it got cheaper than when they did.',
    ko: '찜했거나 장바구니에 담은 때보다 가격이 내리면 바로 알립니다.',
  },
  channel: 'push',
  asks: [{ id: 'pct', kind: 'number', label: { en: 'At least, in %', ko: '최소 인하율 (%)' }, initial: '5' }],
  make: ({ pct = '5' }) => ({
    template: pushTemplate('liked-price-drop', '{{item.url}}', {
      ko: {
        title: '{{item.title}} 가격이 내렸어요',
        body: '{{user.traits.name}}님, {{#money}}entry.referencePrice{{/money}} → {{#money}}item.price{{/money}}',
        name: '고객',
      },
      en: {
        title: '{{item.title}} is cheaper now',
        body: '{{user.traits.name}}: {{#money}}entry.referencePrice{{/money}} → {{#money}}item.price{{/money}}',
        name: 'For you',
      },
    }),
    trigger: {
      id: 'liked-price-drop',
      name: '찜·장바구니 상품 가격 인하',
      category: 'marketing',
      priority: 80,
      entry: {
        on: [{ item: 'price_drop', relation: ['liked', 'in_cart'], minDrop: { pct: Number(pct) } }],
        key: ['item.id'],
        if: {
          all: [
            { not: { relation: 'purchased' } },
            { field: 'item.stock', op: 'gt', value: 0, orMissing: true },
          ],
        },
      },
      reeligibility: { mode: 'always', per: 'key' },
      exit: [{ on: { event: 'Order Completed' }, matchKey: true, reason: 'purchased' }],
      steps: [{ id: 'tell', send: { channels: ['push'], template: 'liked-price-drop' } }],
      delivery: { expireAfter: '4h', recheck: { any: [{ relation: 'liked' }, { relation: 'in_cart' }] } },
      goals: [
        {
          id: 'ordered',
          on: { event: 'Order Completed' },
          matchKey: true,
          within: '3d',
          value: 'event.properties.revenue',
        },
      ],
    },
  }),
};

export const inactive: Recipe = {
  id: 'inactive',
  title: { en: 'Gone for 30 days', ko: '30일 동안 오지 않은 사람' },
  what: {
    en: 'Writes once per silence to customers who have not been here for a while; coming back calls it off.',
    ko: '한동안 오지 않은 고객에게 한 번 알리고, 다시 오면 취소됩니다.',
  },
  channel: 'push',
  asks: [
    { id: 'days', kind: 'number', label: { en: 'Days of silence', ko: '오지 않은 날 수' }, initial: '30' },
    linkAsk('/'),
  ],
  make: ({ days = '30', link = '' }) => ({
    template: pushTemplate('come-back', link, {
      ko: {
        title: '{{user.traits.name}}님, 오랜만이에요',
        body: '그동안 새로 들어온 것들을 둘러보세요.',
        name: '고객',
      },
      en: {
        title: 'It has been a while, {{user.traits.name}}',
        body: 'Have a look at what is new.',
        name: 'friend',
      },
    }),
    trigger: {
      id: 'come-back',
      name: '휴면 고객 재방문',
      category: 'marketing',
      entry: { on: [{ inactive: `${Number(days)}d` }], if: { field: 'user.known', op: 'eq', value: true } },
      reeligibility: { mode: 'cooldown', after: '30d' },
      exit: [{ on: { event: '$session_start' }, reason: 'came_back' }],
      steps: [{ id: 'tell', send: { channels: ['push'], template: 'come-back' } }],
      delivery: { sendWindow: 'usual' },
      goals: [{ id: 'came-back', on: { event: '$session_start' }, within: '7d' }],
    },
  }),
};

export const birthday: Recipe = {
  id: 'birthday',
  title: { en: 'Birthday', ko: '생일 축하' },
  what: {
    en: 'A greeting on the day, at a friendly hour, once a year.',
    ko: '생일 당일, 알맞은 시각에, 한 해에 한 번 축하합니다.',
  },
  channel: 'push',
  asks: [
    { id: 'trait', label: { en: 'Trait with the date', ko: '생일이 담긴 속성' }, initial: 'birthday' },
    { id: 'time', label: { en: 'At', ko: '시각' }, initial: '10:00' },
    linkAsk('/coupons'),
  ],
  make: ({ trait = 'birthday', time = '10:00', link = '' }) => ({
    template: pushTemplate('birthday', link, {
      ko: {
        title: '{{user.traits.name}}님, 생일 축하해요!',
        body: '오늘만 쓸 수 있는 쿠폰을 준비했어요.',
        name: '고객',
      },
      en: {
        title: 'Happy birthday, {{user.traits.name}}!',
        body: 'A coupon for today is waiting for you.',
        name: 'friend',
      },
    }),
    trigger: {
      id: 'birthday',
      name: '생일 축하',
      category: 'marketing',
      entry: { on: [{ date: `user.traits.${trait}`, every: 'year', time }] },
      reeligibility: { mode: 'cooldown', after: '300d' },
      steps: [{ id: 'greet', send: { channels: ['push'], template: 'birthday' } }],
      delivery: { expireAfter: '12h' },
    },
  }),
};

export const postPurchase: Recipe = {
  id: 'post-purchase',
  title: { en: 'After a purchase', ko: '구매 후 안내' },
  what: { en: 'Asks some days after an order how it was.', ko: '주문하고 며칠 뒤 어땠는지 묻습니다.' },
  channel: 'push',
  asks: [
    { id: 'days', kind: 'number', label: { en: 'Days after', ko: '며칠 뒤' }, initial: '7' },
    linkAsk('/reviews'),
  ],
  make: ({ days = '7', link = '' }) => ({
    template: pushTemplate('after-purchase', link, {
      ko: { title: '써 보니 어떠셨어요?', body: '{{user.traits.name}}님의 후기를 들려주세요.', name: '고객' },
      en: {
        title: 'How is it?',
        body: '{{user.traits.name}}, tell us what you think.',
        name: 'Dear customer',
      },
    }),
    trigger: {
      id: 'after-purchase',
      name: '구매 후 후기 요청',
      category: 'marketing',
      entry: { on: [{ event: 'Order Completed' }] },
      reeligibility: { mode: 'cooldown', after: '14d' },
      exit: [{ on: { event: 'Product Reviewed' }, reason: 'reviewed' }],
      steps: [
        { id: 'wait', wait: `${Number(days)}d` },
        { id: 'ask', send: { channels: ['push'], template: 'after-purchase' } },
      ],
      goals: [{ id: 'reviewed', on: { event: 'Product Reviewed' }, within: '7d' }],
    },
  }),
};

export const broadcast: Recipe = {
  id: 'broadcast',
  title: { en: 'Broadcast', ko: '일괄 발송' },
  what: {
    en: 'One message to everybody who agreed, at one moment.',
    ko: '동의한 모든 사람에게 정한 시각에 한 번 보냅니다.',
  },
  channel: 'push',
  asks: [
    { id: 'at', kind: 'instant', label: { en: 'When', ko: '보낼 시각' }, initial: '' },
    { id: 'title', label: { en: 'Title', ko: '제목' }, initial: '이번 주말 특가' },
    { id: 'body', label: { en: 'Text', ko: '내용' }, initial: '주말 이틀 동안만 만나는 가격.' },
    linkAsk('/sale'),
  ],
  make: ({ at = '', title = '', body = '', link = '' }) => ({
    template: pushTemplate('broadcast', link, { ko: { title, body }, en: { title, body } }),
    trigger: {
      id: 'broadcast',
      name: title,
      category: 'marketing',
      entry: { on: [{ at: new Date(at).toISOString() }], if: { field: 'user.id', op: 'exists' } },
      reeligibility: { mode: 'never' },
      steps: [{ id: 'send', send: { channels: ['push'], template: 'broadcast' } }],
      delivery: { expireAfter: '12h' },
    },
  }),
};
