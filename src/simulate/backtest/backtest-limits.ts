/** What a replay can't know, told with its answer: a marketer must not take it for more than it is. */
import type { Language } from '../../engine/explain/explain-condition.ts';
import type { Trigger } from '../../engine/trigger.ts';

/** In sentences; the first ones hold of every replay, the others of what this trigger asks. */
export function backtestLimits(trigger: Trigger, language: Language): string[] {
  const text = JSON.stringify(trigger);
  const asked = ASKED.filter(({ signs }) => signs.some((sign) => text.includes(sign)));
  return [...ALWAYS, ...asked].map((limit) => limit[language]);
}

type Limit = Record<Language, string>;

const ALWAYS: readonly Limit[] = [
  {
    en: 'Nobody reacts to a message that was never sent: it counts as sent, never as shown or clicked.',
    ko: '실제로 보내지 않은 메시지에는 아무도 반응하지 않습니다. 보낸 것으로만 세고, 노출이나 클릭으로는 세지 않습니다.',
  },
  {
    en: 'A trait has its present value from the moment on at which it was last set; segments, templates and policies are those of today, and other triggers speak from their activation on, in the version that is live.',
    ko: '사용자 속성은 마지막으로 정해진 때부터 지금 값입니다. 세그먼트, 템플릿, 정책은 오늘 것이고, 다른 트리거는 켜진 때부터 지금 버전으로 동작합니다.',
  },
  {
    en: 'Of each event its properties up to 2 KB and the page’s path and url are kept; locale, time zone and devices are those of today.',
    ko: '이벤트마다 2KB까지의 속성과 페이지의 경로와 주소만 남아 있습니다. 언어, 시간대, 기기는 오늘 것입니다.',
  },
  {
    en: 'Events older than the retention are gone, and what they had counted.',
    ko: '보관 기간이 지난 이벤트와 그 집계는 남아 있지 않습니다.',
  },
];

const ASKED: readonly (Limit & { signs: readonly string[] })[] = [
  {
    signs: ['"item":', 'item.'],
    en: 'Of items the last 16 prices are known; everything else of an item is as it is today, so that a return to stock or another change of it is not seen.',
    ko: '상품은 최근 가격 16개만 알고 나머지는 오늘 상태입니다. 재입고나 다른 변경은 보이지 않습니다.',
  },
  {
    signs: ['"topic":'],
    en: 'News of topics that somebody follows are not replayed.',
    ko: '팔로우한 토픽의 소식은 다시 재생되지 않습니다.',
  },
  {
    signs: ['"recommend":'],
    en: 'What others looked at and bought together is not known: recommendations come of this person’s own events at most, mostly there are none, and a text that can’t do without them counts as `render_error`.',
    ko: '다른 사람들이 함께 보고 산 상품은 알 수 없습니다. 추천은 이 사람의 이벤트에서만 나오고 대개 비어 있으며, 추천 없이는 쓸 수 없는 문구는 `render_error`로 셉니다.',
  },
  {
    signs: ['"near":'],
    en: 'Where somebody was is not kept: `near` holds nowhere.',
    ko: '위치는 보관하지 않습니다. `near` 조건은 어디서도 맞지 않습니다.',
  },
  {
    signs: ['event.context.'],
    en: '`event.context` is gone but for the page’s path and url.',
    ko: '`event.context`는 페이지의 경로와 주소만 남아 있습니다.',
  },
  {
    signs: ['"in_app"'],
    en: 'When a page fetched an in-app message is not kept: a surface is busy only with what was sent in the same moment.',
    ko: '페이지가 인앱 메시지를 언제 가져갔는지는 보관하지 않습니다. 같은 순간에 보낸 것만 화면을 차지합니다.',
  },
  {
    signs: ['"perDay":', '"total":'],
    en: 'Budgets of all profiles together are not spent.',
    ko: '모든 사용자를 합친 예산은 쓰지 않습니다.',
  },
];
