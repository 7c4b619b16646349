/** Every text of the shop, in both of its languages. */
import { signal } from '@preact/signals';

export type Language = 'ko' | 'en';

const WORDS = {
  shop: { ko: '은하주얼리', en: 'Eunha Jewellery' },
  search: { ko: '실반지, 하트 목걸이…', en: 'Try 실반지 (thin ring)' },
  searchLabel: { ko: '상품 검색', en: 'Search the shop' },
  all: { ko: '전체', en: 'All' },
  benefits: { ko: '혜택 안내', en: 'Benefits' },
  benefitsText: {
    ko: '가입하면 첫 구매 15% 할인, 생일 달 10% 할인, 무료 각인을 드려요.',
    en: 'Members get 15% off the first order, 10% in the birthday month, and free engraving.',
  },
  like: { ko: '찜하기', en: 'Like' },
  unlike: { ko: '찜 해제', en: 'Unlike' },
  add: { ko: '담기', en: 'Add to cart' },
  cart: { ko: '장바구니', en: 'Cart' },
  empty: { ko: '장바구니가 비어 있어요.', en: 'Your cart is empty.' },
  checkout: { ko: '주문하기', en: 'Check out' },
  ordered: { ko: '주문이 완료되었습니다. 감사합니다!', en: 'Your order is placed. Thank you!' },
  remove: { ko: '빼기', en: 'Remove' },
  join: { ko: '가입', en: 'Join' },
  leave: { ko: '로그아웃', en: 'Sign out' },
  name: { ko: '이름', en: 'Name' },
  pushConsent: { ko: '푸시 광고 수신에 동의합니다.', en: 'I agree to advertising by push.' },
  nightConsent: { ko: '밤(21–08시)에도 받겠습니다.', en: 'At night (21:00–08:00) too.' },
  hello: { ko: '님, 환영합니다', en: ', welcome' },
  none: { ko: '찾으시는 상품이 없어요.', en: 'Nothing found.' },
  soldOut: { ko: '품절', en: 'Sold out' },
  left: { ko: '개 남음', en: ' left' },
  close: { ko: '닫기', en: 'Close' },
  live: { ko: '실시간', en: 'Live' },
  owner: { ko: '사장님', en: 'Shop owner' },
  messages: { ko: '메시지', en: 'Messages' },
  liveHelp: {
    ko: '이 방문자의 이벤트와, 각 트리거가 왜 그렇게 답했는지.',
    en: 'This visitor’s events, and why each trigger answered as it did.',
  },
  ownerHelp: {
    ko: '찜한 상품의 가격을 5% 넘게 내려 보세요.',
    en: 'Make a liked item more than 5% cheaper.',
  },
  messagesHelp: {
    ko: '앱을 떠난 메시지. 개발 환경에서는 실제로 보내지 않고 여기에 남겨 둡니다.',
    en: 'What left the app. In development nothing is really sent: it is kept to be looked at.',
  },
  noMessages: {
    ko: '아직 없어요. 가입하고, 상품을 찜하고, 가격을 내려 보세요.',
    en: 'None yet. Join, like an item, and make it cheaper.',
  },
  noEvents: { ko: '아직 이벤트가 없어요.', en: 'No events yet.' },
  cheaper: { ko: '10% 내리기', en: '10% off' },
  reset: { ko: '원래 가격', en: 'Reset' },
  soldOutNow: { ko: '품절로', en: 'Sell out' },
  restock: { ko: '재입고', en: 'Restock' },
  offline: { ko: '서버가 응답하지 않아요.', en: 'The server does not answer.' },
} satisfies Record<string, Record<Language, string>>;

export const language = signal<Language>(navigator.language.startsWith('ko') ? 'ko' : 'en');

export function t(word: keyof typeof WORDS): string {
  return WORDS[word][language.value];
}

export function won(amount: number): string {
  return language.value === 'ko' ? `${amount.toLocaleString('ko')}원` : `₩${amount.toLocaleString('en')}`;
}
