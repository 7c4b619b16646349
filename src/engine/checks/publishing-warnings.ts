/** What surprises people once a trigger is live, said in a sentence when it is published. */

import { classOf, MAX_KEPT } from '../language/conditions/counted-form.ts';
import { SCAN_LIMIT } from '../language/conditions/events-of.ts';
import { showsRecommendations } from '../recommend/shown-fields.ts';
import type { Trigger } from '../trigger.ts';
import { rootOf } from './check-path.ts';
import type { KnownDocuments } from './check-references.ts';
import { contentFor } from './check-template.ts';
import { triggerConditions } from './walk-conditions.ts';
import { triggerPaths } from './walk-paths.ts';
import { type Warning, warningAt } from './warning.ts';

export function publishingWarnings(trigger: Trigger, known: KnownDocuments): Warning[] {
  return [
    ...waitWarnings(trigger),
    ...holdoutWarnings(trigger),
    ...topicWarnings(trigger),
    ...scanWarnings(trigger),
    ...columnWarnings(trigger, known),
    ...localeWarnings(trigger, known),
    ...recommendWarnings(trigger, known),
    ...costWarnings(trigger, known),
  ];
}

function waitWarnings({ entry, steps, delivery }: Trigger): Warning[] {
  const wait = steps.findIndex((step) => 'wait' in step);
  const isFollowed = wait >= 0 && steps.slice(wait).some((step) => 'send' in step);
  if (!isFollowed || entry.if === undefined || delivery?.recheck !== undefined) return [];
  return [warningAt(`steps.${wait}`, 'no_recheck_after_wait')];
}

function holdoutWarnings({ experiment }: Trigger): Warning[] {
  if (experiment?.holdout !== 1) return [];
  return [warningAt('experiment.holdout', 'everybody_held_out')];
}

function topicWarnings({ entry, reeligibility }: Trigger): Warning[] {
  if (entry.group !== undefined || reeligibility.mode !== 'always') return [];
  return entry.on.flatMap((on, i) =>
    'topic' in on ? [warningAt(`entry.on.${i}`, 'topic_not_grouped')] : [],
  );
}

/** Conditions that read history event by event stop at the newest ones, and so does a count that is kept for a window. */
function scanWarnings(trigger: Trigger): Warning[] {
  return triggerConditions(trigger).flatMap(({ condition, path }) => {
    if ('sequence' in condition) {
      const names = new Set(condition.sequence.map((item) => ('did' in item ? item.did : item.didNot)));
      return [...names].map((name) => scanWarning(path, name));
    }
    if (!('did' in condition || 'didNot' in condition)) return [];
    const name = 'did' in condition ? condition.did : condition.didNot;
    if (classOf(condition) === 'scanned') return [scanWarning(path, name)];
    if (!('did' in condition) || !condition.count || !condition.window) return [];
    if (Math.max(...Object.values(condition.count)) < MAX_KEPT) return [];
    return [warningAt(`${path}.count`, 'counts_newest_events', { limit: MAX_KEPT })];
  });
}

function scanWarning(path: string, event: string): Warning {
  return warningAt(path, 'reads_newest_events', { limit: SCAN_LIMIT, event });
}

function columnWarnings(trigger: Trigger, { lookups }: KnownDocuments): Warning[] {
  const table = lookups.get(trigger.entry.lookup?.table ?? '');
  if (!table) return [];
  return triggerPaths(trigger).flatMap(({ path, at }) => {
    const column = path.split('.')[1] ?? '';
    if (rootOf(path) !== 'lookup' || table.rows.some((row) => Object.hasOwn(row, column))) return [];
    return [warningAt(at, 'no_such_column', { table: table.id, column })];
  });
}

/** Where costs decide, those that can't be compared decide nothing. */
function costWarnings({ budget, steps }: Trigger, { prices }: KnownDocuments): Warning[] {
  if (!prices) return [];
  const { costs, currency } = prices;
  const wanted = budget?.currency ?? currency;
  return steps.flatMap((step, i) => {
    if (!('send' in step) || !(budget || step.send.mode === 'cheapest')) return [];
    return step.send.channels.flatMap((channel, j) => {
      if (channel === 'in_app' || channel === 'card') return [];
      const cost = costs.get(channel);
      const path = `steps.${i}.send.channels.${j}`;
      if (!cost) return [warningAt(path, 'no_cost', { channel })];
      if (cost.currency === wanted) return [];
      return [warningAt(path, 'other_currency', { channel, currency: cost.currency, wanted })];
    });
  });
}

function localeWarnings(trigger: Trigger, { templates }: KnownDocuments): Warning[] {
  return trigger.steps.flatMap((step, i) => {
    const template = 'send' in step ? templates.get(step.send.template) : undefined;
    if (!template || !('send' in step)) return [];
    return Object.keys(template.locales).flatMap((locale) =>
      step.send.channels
        .filter((channel) => contentFor(template.locales[locale], channel) === undefined)
        .filter(() => locale !== template.defaultLocale)
        .map((channel) => {
          const { id, defaultLocale } = template;
          const values = { template: id, channel, locale, defaultLocale };
          return warningAt(`steps.${i}.send.template`, 'no_text_for_locale', values);
        }),
    );
  });
}

/** A place for recommendations that no step fills, and recommendations that have no place. */
function recommendWarnings({ steps }: Trigger, { templates }: KnownDocuments): Warning[] {
  return steps.flatMap((step, i) => {
    const template = 'send' in step ? templates.get(step.send.template) : undefined;
    if (!template || !('send' in step)) return [];
    const hasPlace = showsRecommendations(template);
    if (hasPlace === (step.send.recommend !== undefined)) return [];
    const path = `steps.${i}.send.${hasPlace ? 'template' : 'recommend'}`;
    return [warningAt(path, hasPlace ? 'no_recommend' : 'recommendations_unseen', { template: template.id })];
  });
}
