/** What a replay can't know, told with its answer: a marketer must not take it for more than it is. */
import type { Trigger } from '../../engine/trigger.ts';

/** In sentences; the first ones hold of every replay, the others of what this trigger asks. */
export function backtestLimits(trigger: Trigger): string[] {
  const text = JSON.stringify(trigger);
  const asks = (...signs: string[]) => signs.some((sign) => text.includes(sign));
  return [
    'Nobody reacts to a message that was never sent: it counts as sent, never as shown or clicked.',
    'A trait has its present value from the moment on at which it was last set; segments, templates and policies are those of today, and other triggers speak from their activation on, in the version that is live.',
    'Of each event its properties up to 2 KB and the page’s path and url are kept; locale, time zone and devices are those of today.',
    'Events older than the retention are gone, and what they had counted.',
    ...(asks('"item":', 'item.')
      ? [
          'Of items the last 16 prices are known; everything else of an item is as it is today, so that a return to stock or another change of it is not seen.',
        ]
      : []),
    ...(asks('"topic":') ? ['News of topics that somebody follows are not replayed.'] : []),
    ...(asks('"near":') ? ['Where somebody was is not kept: `near` holds nowhere.'] : []),
    ...(asks('event.context.') ? ['`event.context` is gone but for the page’s path and url.'] : []),
    ...(asks('"in_app"')
      ? [
          'When a page fetched an in-app message is not kept: a surface is busy only with what was sent in the same moment.',
        ]
      : []),
    ...(asks('"perDay":', '"total":') ? ['Budgets of all profiles together are not spent.'] : []),
  ];
}
