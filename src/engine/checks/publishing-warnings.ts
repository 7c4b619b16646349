/** What surprises people once a trigger is live, said in a sentence when it is published. */

import { classOf, MAX_KEPT } from '../language/conditions/counted-form.ts';
import { SCAN_LIMIT } from '../language/conditions/events-of.ts';
import { showsRecommendations } from '../recommend/shown-fields.ts';
import type { Trigger } from '../trigger.ts';
import { rootOf } from './check-path.ts';
import type { KnownDocuments } from './check-references.ts';
import { contentFor } from './check-template.ts';
import type { Issue } from './issue.ts';
import { triggerConditions } from './walk-conditions.ts';
import { triggerPaths } from './walk-paths.ts';

export function publishingWarnings(trigger: Trigger, known: KnownDocuments): Issue[] {
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

function waitWarnings({ entry, steps, delivery }: Trigger): Issue[] {
  const wait = steps.findIndex((step) => 'wait' in step);
  const isFollowed = wait >= 0 && steps.slice(wait).some((step) => 'send' in step);
  if (!isFollowed || entry.if === undefined || delivery?.recheck !== undefined) return [];
  const message =
    '`entry.if` is asked once, at entry: after this wait only exits and `delivery.recheck` protect, and there is no `recheck`';
  return [{ path: `steps.${wait}`, message }];
}

function holdoutWarnings({ experiment }: Trigger): Issue[] {
  if (experiment?.holdout !== 1) return [];
  return [{ path: 'experiment.holdout', message: '1 is everybody: nobody will get it' }];
}

function topicWarnings({ entry, reeligibility }: Trigger): Issue[] {
  if (entry.group !== undefined || reeligibility.mode !== 'always') return [];
  const message =
    'each item of a followed topic is told by itself: ten new ones in a day are ten messages; `entry.group` collects them';
  return entry.on.flatMap((on, i) => ('topic' in on ? [{ path: `entry.on.${i}`, message }] : []));
}

/** Conditions that read history event by event stop at the newest ones, and so does a count that is kept for a window. */
function scanWarnings(trigger: Trigger): Issue[] {
  return triggerConditions(trigger).flatMap(({ condition, path }) => {
    if ('sequence' in condition) {
      const names = new Set(condition.sequence.map((item) => ('did' in item ? item.did : item.didNot)));
      return [...names].map((name) => ({ path, message: scanMessage(name) }));
    }
    if (!('did' in condition || 'didNot' in condition)) return [];
    const name = 'did' in condition ? condition.did : condition.didNot;
    if (classOf(condition) === 'scanned') return [{ path, message: scanMessage(name) }];
    if (!('did' in condition) || !condition.count || !condition.window) return [];
    if (Math.max(...Object.values(condition.count)) < MAX_KEPT) return [];
    return [{ path: `${path}.count`, message: `counts at most the ${MAX_KEPT} newest events of its window` }];
  });
}

function scanMessage(name: string): string {
  return `reads at most the ${SCAN_LIMIT} newest \`${name}\` events of its window`;
}

function columnWarnings(trigger: Trigger, { lookups }: KnownDocuments): Issue[] {
  const table = lookups.get(trigger.entry.lookup?.table ?? '');
  if (!table) return [];
  return triggerPaths(trigger).flatMap(({ path, at }) => {
    const column = path.split('.')[1] ?? '';
    if (rootOf(path) !== 'lookup' || table.rows.some((row) => Object.hasOwn(row, column))) return [];
    return [{ path: at, message: `no row of \`${table.id}\` has \`${column}\`: this is always missing` }];
  });
}

/** Where costs decide, those that can't be compared decide nothing. */
function costWarnings({ budget, steps }: Trigger, { prices }: KnownDocuments): Issue[] {
  if (!prices) return [];
  const { costs, currency } = prices;
  const wanted = budget?.currency ?? currency;
  return steps.flatMap((step, i) => {
    if (!('send' in step) || !(budget || step.send.mode === 'cheapest')) return [];
    return step.send.channels.flatMap((channel, j) => {
      if (channel === 'in_app' || channel === 'card') return [];
      const cost = costs.get(channel);
      const path = `steps.${i}.send.channels.${j}`;
      if (!cost) return [{ path, message: `channels/${channel} names no \`cost\`: it counts as free` }];
      if (cost.currency === wanted) return [];
      const message = `channels/${channel} costs ${cost.currency}, which can't be compared with ${wanted}: no budget counts it, and \`cheapest\` takes it last`;
      return [{ path, message }];
    });
  });
}

function localeWarnings(trigger: Trigger, { templates }: KnownDocuments): Issue[] {
  return trigger.steps.flatMap((step, i) => {
    const template = 'send' in step ? templates.get(step.send.template) : undefined;
    if (!template || !('send' in step)) return [];
    return Object.keys(template.locales).flatMap((locale) =>
      step.send.channels
        .filter((channel) => contentFor(template.locales[locale], channel) === undefined)
        .filter(() => locale !== template.defaultLocale)
        .map((channel) => ({
          path: `steps.${i}.send.template`,
          message: `\`${template.id}\` has no \`${channel}\` text for \`${locale}\`: its readers get \`${template.defaultLocale}\``,
        })),
    );
  });
}

/** A place for recommendations that no step fills, and recommendations that have no place. */
function recommendWarnings({ steps }: Trigger, { templates }: KnownDocuments): Issue[] {
  return steps.flatMap((step, i) => {
    const template = 'send' in step ? templates.get(step.send.template) : undefined;
    if (!template || !('send' in step)) return [];
    const hasPlace = showsRecommendations(template);
    if (hasPlace === (step.send.recommend !== undefined)) return [];
    const path = `steps.${i}.send.${hasPlace ? 'template' : 'recommend'}`;
    const message = hasPlace
      ? `\`${template.id}\` shows \`recommendations\`, and the step has no \`recommend\`: there are never any`
      : `\`${template.id}\` doesn't show \`recommendations\`: nobody sees them`;
    return [{ path, message }];
  });
}
