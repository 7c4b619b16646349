/**
 * What is wrong with what a trigger refers to: asked when it goes live, and again before anything that it refers to is
 * changed or deleted. Other documents may have changed since the trigger was written.
 */

import type { LawPolicy, Lookup, Segment, Template } from '../documents.ts';
import { RECOMMENDATIONS } from '../recommend/shown-fields.ts';
import type { Channel, SendStep, Trigger } from '../trigger.ts';
import { wronglyMarked } from './check-ad-mark.ts';
import { linkFaults, optOutFault } from './check-opt-out.ts';
import { senderFault } from './check-sender.ts';
import { contentFor, templateReads } from './check-template.ts';
import type { Issue } from './issue.ts';
import { nearestName } from './nearest-name.ts';
import { publishingWarnings } from './publishing-warnings.ts';
import { triggerReferences } from './references.ts';
import { type Refusal, refusedAt } from './refusal.ts';
import type { Warning } from './warning.ts';

/** What stands in the workspace beside the trigger. */
export interface KnownDocuments {
  /** Ids of all triggers, whatever their state. */
  triggers: ReadonlySet<string>;
  templates: ReadonlyMap<string, Template>;
  segments: ReadonlyMap<string, Segment>;
  lookups: ReadonlyMap<string, Lookup>;
  /** The channels that a message can leave by. */
  channels: ReadonlySet<Channel>;
  /** Those of them whose provider takes no advertising. */
  informational: ReadonlySet<Channel>;
  law: LawPolicy;
  /** Where links in messages lead back to; null: nobody has said. */
  publicUrl: string | null;
  /** What a message costs, of channels that say so, and the workspace's currency; absent: nobody asks. */
  prices?: { costs: ReadonlyMap<Channel, { amount: number; currency: string }>; currency: string };
}

interface TriggerCheck {
  /** Why it can't go live. */
  issues: Issue[];
  /** What would surprise its author, in a sentence each. */
  warnings: Warning[];
}

export function checkTriggerReferences(trigger: Trigger, known: KnownDocuments): TriggerCheck {
  const sends = trigger.steps.flatMap((step, i) =>
    'send' in step ? [{ send: step.send, path: `steps.${i}.send` }] : [],
  );
  const issues = [
    ...checkNamed(trigger, known),
    ...sends.flatMap(({ send, path }) => checkTemplateOf(trigger, send, path, known)),
    ...sends.flatMap(({ send, path }) => checkChannels(trigger, send, path, known)),
  ];
  return { issues, warnings: publishingWarnings(trigger, known) };
}

/** Everything that is named must be there. Templates are looked at more closely below. */
function checkNamed(trigger: Trigger, known: KnownDocuments): Issue[] {
  const ids = {
    template: new Set(known.templates.keys()),
    segment: new Set(known.segments.keys()),
    lookup: new Set(known.lookups.keys()),
    trigger: known.triggers,
  };
  return triggerReferences(trigger)
    .filter(({ kind, id }) => !ids[kind].has(id))
    .map(({ kind, id, at }) => {
      const nearest = nearestName(id, [...ids[kind]]) ?? '';
      return refusedAt(at, { code: 'no_such_document', values: { kind, id, nearest } });
    });
}

function checkTemplateOf(trigger: Trigger, send: SendStep, path: string, known: KnownDocuments): Issue[] {
  const at = `${path}.template`;
  const template = known.templates.get(send.template);
  if (!template) return [];
  return send.channels.flatMap((channel) => {
    const locale = template.defaultLocale;
    if (contentFor(template.locales[locale], channel) === undefined) {
      const values = { template: template.id, channel, locale };
      return [refusedAt(at, { code: 'no_text', values })];
    }
    return [
      ...checkReads(trigger, send, template, channel),
      ...linkFaults(template, channel, known.publicUrl),
      ...checkMark(trigger, template, channel, known),
    ].map((refusal) => refusedAt(at, refusal));
  });
}

/** In every language that the template has. */
function checkMark(
  { category }: Trigger,
  template: Template,
  channel: Channel,
  { law }: KnownDocuments,
): Refusal[] {
  if (category !== 'marketing' || law.jurisdiction !== 'KR') return [];
  return Object.entries(template.locales).flatMap(([locale, content]) =>
    wronglyMarked(channel, content).map((field) => ({
      code: 'bad_ad_mark',
      values: { template: template.id, at: `locales.${locale}.${channel}.${field}` },
    })),
  );
}

/** Texts that could never be rendered: they read what no step gives and no default fills. */
function checkReads(trigger: Trigger, send: SendStep, template: Template, channel: Channel): Refusal[] {
  const defaults = { ...template.defaults, ...template.locales[template.defaultLocale]?.defaults };
  return templateReads(template, channel)
    .filter(({ path }) => !Object.hasOwn(defaults, path))
    .flatMap(({ path, at }): Refusal[] => {
      const [root, name = ''] = path.split('.');
      const values = { template: template.id, read: path, at };
      if (root === 'lookup' && trigger.entry.lookup === undefined) {
        return [{ code: 'reads_lookup', values }];
      }
      if (root === 'data' && name !== '' && !Object.hasOwn(send.data ?? {}, name)) {
        return [{ code: 'reads_data', values: { ...values, name } }];
      }
      if (root === RECOMMENDATIONS && name !== '' && send.recommend === undefined) {
        return [{ code: 'reads_recommendations', values }];
      }
      return [];
    });
}

function advertisingFault(
  channel: Channel,
  { informational, law, publicUrl }: KnownDocuments,
): Refusal | null {
  if (channel === 'kakao_info') return { code: 'alimtalk_advertises' };
  if (informational.has(channel)) return { code: 'takes_no_advertising', values: { channel } };
  return senderFault(channel, law) ?? optOutFault(channel, publicUrl);
}

function checkChannels(trigger: Trigger, send: SendStep, path: string, known: KnownDocuments): Issue[] {
  return send.channels.flatMap((channel, i) => {
    const at = `${path}.channels.${i}`;
    if (!known.channels.has(channel)) {
      return [refusedAt(at, { code: 'no_provider', values: { channel } })];
    }
    const fault = trigger.category === 'marketing' ? advertisingFault(channel, known) : null;
    return fault === null ? [] : [refusedAt(at, fault)];
  });
}
