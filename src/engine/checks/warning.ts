/**
 * What publishing warns of: a sentence, and beside it which sentence it is and what it speaks of, so that others can say it
 * in another language. Codes and values, once told, stay as they are.
 */
import type { Issue } from './issue.ts';

export type WarningValues = Record<string, string | number>;

const SENTENCES = {
  no_recheck_after_wait: () =>
    '`entry.if` is asked once, at entry: after this wait only exits and `delivery.recheck` protect, and there is no `recheck`',
  everybody_held_out: () => '1 is everybody: nobody will get it',
  topic_not_grouped: () =>
    'each item of a followed topic is told by itself: ten new ones in a day are ten messages; `entry.group` collects them',
  reads_newest_events: ({ limit, event }: WarningValues) =>
    `reads at most the ${limit} newest \`${event}\` events of its window`,
  counts_newest_events: ({ limit }: WarningValues) =>
    `counts at most the ${limit} newest events of its window`,
  no_such_column: ({ table, column }: WarningValues) =>
    `no row of \`${table}\` has \`${column}\`: this is always missing`,
  no_cost: ({ channel }: WarningValues) => `channels/${channel} names no \`cost\`: it counts as free`,
  other_currency: ({ channel, currency, wanted }: WarningValues) =>
    `channels/${channel} costs ${currency}, which can't be compared with ${wanted}: no budget counts it, and \`cheapest\` takes it last`,
  no_text_for_locale: ({ template, channel, locale, defaultLocale }: WarningValues) =>
    `\`${template}\` has no \`${channel}\` text for \`${locale}\`: its readers get \`${defaultLocale}\``,
  no_recommend: ({ template }: WarningValues) =>
    `\`${template}\` shows \`recommendations\`, and the step has no \`recommend\`: there are never any`,
  recommendations_unseen: ({ template }: WarningValues) =>
    `\`${template}\` doesn't show \`recommendations\`: nobody sees them`,
};
export type WarningCode = keyof typeof SENTENCES;

export interface Warning extends Issue {
  code: WarningCode;
  values: WarningValues;
}

export function warningAt(path: string, code: WarningCode, values: WarningValues = {}): Warning {
  return { path, message: SENTENCES[code](values), code, values };
}
