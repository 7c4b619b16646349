/** Every text of the shop, in both of its languages. */
import { signal } from '@preact/signals';

export type Language = 'ko' | 'en';

const WORDS = {
  shop: { ko: '은하주얼리', en: 'Eunha Jewellery' },
  searchLabel: { ko: '상품 검색', en: 'Search the shop' },
  search: { ko: '실반지를 찾아보세요', en: 'Try 실반지 (thin ring)' },
  find: { ko: '검색', en: 'Search' },
  all: { ko: '전체', en: 'All' },
  categories: { ko: '카테고리', en: 'Categories' },
  benefits: { ko: '혜택 안내', en: 'Benefits' },
  heroTitle: { ko: '매일 곁에 두는\n작은 별 하나', en: 'A small star\nfor every day' },
  heroText: {
    ko: '손끝과 귓가에 가볍게 내려앉는 금과 진주.',
    en: 'Gold and pearls that sit lightly on the hand and at the ear.',
  },
  heroButton: { ko: '회원 혜택 보기', en: 'What members get' },
  results: { ko: '검색 결과', en: 'Search results' },
  none: { ko: '찾으시는 상품이 없어요.', en: 'Nothing here by that name.' },
  showAll: { ko: '전체 상품 보기', en: 'See all pieces' },
  like: { ko: '찜하기', en: 'Like' },
  add: { ko: '담기', en: 'Add to cart' },
  soldOut: { ko: '품절', en: 'Sold out' },
  left: { ko: '개 남음', en: ' left' },
  back: { ko: '목록으로', en: 'Back to the shop' },
  pieceText: {
    ko: '서울 공방에서 한 점씩 마무리합니다. 무료 선물 포장, 7일 안에 반품할 수 있어요.',
    en: 'Finished one by one in our Seoul workshop. Free gift wrap, and seven days to return it.',
  },
  cart: { ko: '장바구니', en: 'Cart' },
  empty: { ko: '장바구니가 비어 있어요.', en: 'Your cart is empty.' },
  total: { ko: '합계', en: 'Total' },
  checkout: { ko: '주문하기', en: 'Check out' },
  ordered: { ko: '주문이 완료되었어요. 감사합니다!', en: 'Your order is placed. Thank you!' },
  remove: { ko: '빼기', en: 'Remove' },
  close: { ko: '닫기', en: 'Close' },
  benefitsTitle: { ko: '회원이 되면', en: 'What members get' },
  benefitFirst: { ko: '첫 구매 15% 할인', en: '15% off the first order' },
  benefitFirstText: { ko: '가입하는 즉시 쓸 수 있어요.', en: 'Yours the moment you join.' },
  benefitBirthday: { ko: '생일 달 10% 할인', en: '10% off in the birthday month' },
  benefitBirthdayText: { ko: '탄생석과 함께 축하해 드려요.', en: 'With your birthstone, if you like.' },
  benefitEngraving: { ko: '무료 각인', en: 'Free engraving' },
  benefitEngravingText: { ko: '반지 안쪽에 열 글자까지.', en: 'Up to ten letters inside a ring.' },
  join: { ko: '가입 · 로그인', en: 'Join · Sign in' },
  joinTitle: { ko: '반가워요', en: 'Welcome' },
  joinText: {
    ko: '이름만 알려 주세요. 가입한 적이 있는 이름이면 로그인돼요.',
    en: 'Just a name. One that has joined before is signed in.',
  },
  name: { ko: '이름', en: 'Name' },
  pushConsent: { ko: '푸시 광고 받기', en: 'Advertising by push' },
  nightConsent: { ko: '밤(21–08시)에도 받기', en: 'At night (21:00–08:00) too' },
  optional: { ko: '선택', en: 'optional' },
  leave: { ko: '로그아웃', en: 'Sign out' },
  hello: { ko: '님', en: '' },
  panel: { ko: 'Reflex가 보는 것', en: 'What Reflex sees' },
  openPanel: { ko: 'Reflex 열기', en: 'Open Reflex' },
  live: { ko: '실시간', en: 'Live' },
  owner: { ko: '사장님', en: 'Shop owner' },
  messages: { ko: '메시지', en: 'Messages' },
  liveHelp: {
    ko: '이 방문자의 이벤트와, 각 트리거가 왜 그렇게 답했는지.',
    en: 'This visitor’s events, and why each trigger answered as it did.',
  },
  ownerHelp: {
    ko: '찜한 상품의 가격을 10% 내려 보세요. 메시지 탭에 푸시가 도착해요.',
    en: 'Make a liked piece 10% cheaper: the push arrives under Messages.',
  },
  messagesHelp: {
    ko: '앱을 떠난 메시지. 개발 환경에서는 보내지 않고 여기에 남겨 둡니다.',
    en: 'What left the app. In development nothing is really sent: it is kept to be looked at.',
  },
  noMessages: {
    ko: '아직 없어요. 가입하며 푸시에 동의하고, 상품을 찜하고, 가격을 내려 보세요.',
    en: 'None yet. Join with consent to push, like a piece, and make it cheaper.',
  },
  noEvents: { ko: '아직 이벤트가 없어요.', en: 'No events yet.' },
  nobodyListened: { ko: '듣는 트리거가 없어요.', en: 'No trigger listened.' },
  cheaper: { ko: '10% 내리기', en: '10% off' },
  reset: { ko: '원래대로', en: 'Reset' },
  sellOut: { ko: '품절로', en: 'Sell out' },
  restock: { ko: '재입고', en: 'Restock' },
  stock: { ko: '재고', en: 'Stock' },
  now: { ko: '지금', en: 'now' },
  from: { ko: '보낸 사람', en: 'From' },
  offline: { ko: '서버가 응답하지 않아요.', en: 'The server does not answer.' },
  refusedTitle: { ko: '여기서는 데모를 열 수 없어요', en: 'The demo can’t run here' },
  refused: {
    ko: '이 페이지는 개발용 키로 동작하고, 이 서버는 그 키를 받지 않아요. 내 컴퓨터에서 npm start로 열어 보세요.',
    en: 'This page works with the development keys, and this deployment refuses them. Start your own with npm start.',
  },
  unseeded: {
    ko: '이 서버에는 데모 상점의 상품이 없어요. DEMO=0 없이, 새 STATE_DIR로 시작해 보세요.',
    en: 'This server has no demo shop in it. Start it without DEMO=0, on a new STATE_DIR.',
  },
} satisfies Record<string, Record<Language, string>>;

export type Word = keyof typeof WORDS;

const REMEMBERED = 'eunha.language';
const wanted = localStorage.getItem(REMEMBERED) ?? navigator.language;

export const language = signal<Language>(wanted.startsWith('ko') ? 'ko' : 'en');

export function speak(other: Language): void {
  localStorage.setItem(REMEMBERED, other);
  language.value = other;
}

export function t(word: Word): string {
  return WORDS[word][language.value];
}

export function won(amount: number): string {
  return language.value === 'ko' ? `${amount.toLocaleString('ko')}원` : `₩${amount.toLocaleString('en')}`;
}
