/** Recipes about the stock of items that somebody waits for, or has in mind. */
import { pushTemplate, type Recipe } from './recipe.ts';

const HAS_SOME = { field: 'item.stock', op: 'gt', value: 0, orMissing: true } as const;
const ORDERED = {
  id: 'ordered',
  on: { event: 'Order Completed' },
  matchKey: true,
  within: '3d',
  value: 'event.properties.revenue',
} as const;

export const backInStock: Recipe = {
  id: 'back-in-stock',
  title: { en: 'Back in stock', ko: '재입고 알림' },
  what: {
    en: 'Tells those who asked for it, or liked the item, that it can be bought again; who waited longest hears first.',
    ko: '재입고 알림을 신청했거나 찜한 상품이 다시 들어오면, 오래 기다린 사람부터 알립니다.',
  },
  channel: 'push',
  asks: [],
  make: () => ({
    template: pushTemplate('back-in-stock', '{{item.url}}', {
      ko: { title: '{{item.title}}, 다시 들어왔어요', body: '기다리시던 상품이 재입고되었습니다.' },
      en: { title: '{{item.title}} is back', body: 'What you waited for can be bought again.' },
    }),
    trigger: {
      id: 'back-in-stock',
      name: '재입고 알림',
      category: 'marketing',
      priority: 85,
      entry: {
        on: [{ item: 'back_in_stock', relation: ['subscribed', 'liked'] }],
        key: ['item.id'],
        if: { not: { relation: 'purchased' } },
      },
      reeligibility: { mode: 'cooldown', after: '1d', per: 'key' },
      exit: [{ on: { event: 'Order Completed' }, matchKey: true, reason: 'purchased' }],
      steps: [{ id: 'tell', send: { channels: ['push'], template: 'back-in-stock' } }],
      delivery: { expireAfter: '4h', recheck: HAS_SOME },
      goals: [ORDERED],
    },
  }),
};

export const lowStock: Recipe = {
  id: 'low-stock',
  title: { en: 'Few are left', ko: '품절 임박' },
  what: {
    en: 'Tells those who liked an item, or have it in the cart, that few are left, once per item.',
    ko: '찜했거나 장바구니에 담은 상품이 얼마 남지 않으면 상품마다 한 번 알립니다.',
  },
  channel: 'push',
  asks: [
    { id: 'few', kind: 'number', label: { en: 'From how many left on', ko: '남은 수량 이하' }, initial: '5' },
  ],
  make: ({ few = '5' }) => ({
    template: pushTemplate('low-stock', '{{item.url}}', {
      ko: { title: '{{item.title}} 곧 품절돼요', body: '{{#number}}item.stock{{/number}}개 남았어요.' },
      en: { title: '{{item.title}} is nearly gone', body: '{{#number}}item.stock{{/number}} left.' },
    }),
    trigger: {
      id: 'low-stock',
      name: '품절 임박',
      category: 'marketing',
      priority: 70,
      entry: {
        on: [
          { item: 'low_stock', relation: ['liked', 'in_cart'], relationWithin: '30d', lowStock: Number(few) },
        ],
        key: ['item.id'],
        if: { not: { relation: 'purchased' } },
      },
      reeligibility: { mode: 'never', per: 'key' },
      exit: [{ on: { event: 'Order Completed' }, matchKey: true, reason: 'purchased' }],
      steps: [{ id: 'tell', send: { channels: ['push'], template: 'low-stock' } }],
      delivery: { expireAfter: '2h', recheck: HAS_SOME },
      goals: [ORDERED],
    },
  }),
};
