/**
 * Makes the message of a send step: renders it (which may refuse), then asks the hold-out, last of all. What goes out is
 * put into the inbox (in-app, as rendered) or the outbox (other channels, the render input frozen), and counted as sent,
 * all in the decision's own commit.
 */

import type { CompiledSend } from '../compile/compile-steps.ts';
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { spend } from '../gates/budget.ts';
import { noteCapped } from '../gates/cap-keys.ts';
import { expiresAt } from '../gates/expiry.ts';
import { rememberNews } from '../items/item-news.ts';
import { priceOf } from '../items/price.ts';
import { itemLogKey } from '../items/related.ts';
import { endSubscription } from '../items/watch-orders.ts';
import { recommendFor } from '../recommend/for-message.ts';
import type { WorkspaceSide } from '../reporting/report-facts.ts';
import { explain, OFFER_AGAIN_MS, putFact, putOut, type Round, runScope } from '../round.ts';
import type { GroupedItem, Run } from '../run-state.ts';
import { factOf } from '../runs/cancel-run.ts';
import { experimentOf, isHeldOut, workspaceSide } from '../runs/experiment.ts';
import { openGoals } from '../runs/goals.ts';
import { itemsWorthTelling } from '../runs/group.ts';
import { amendLog, logKey, tally } from '../runs/trigger-log.ts';
import type { Channel } from '../trigger.ts';
import type { Fact, InboxMessage, JsonObject, MessageInput } from '../vocabulary.ts';
import { messageLinks } from './links/message-links.ts';
import { tagContent } from './links/tag-content.ts';
import { localeOf, timeZoneOf } from './locale.ts';
import { leavingId, messageId } from './message-id.ts';
import { renderTemplate } from './render/render-template.ts';
import { templateValues, VALUES_LIMIT } from './template-values.ts';
import { fitText, SMS_BYTES } from './text-channel.ts';

export type Put = { kind: 'put'; run: Run } | { kind: 'refused'; path: string; message: string };

export function putMessage(
  round: Round,
  trigger: CompiledTrigger,
  run: Run,
  step: CompiledSend,
  channel: Channel,
): Put {
  const composed = compose(round, trigger, run, step, channel);
  if (composed.kind === 'refused') return composed;
  const { input, content, items, told } = composed;
  const isInApp = channel === 'in_app' || channel === 'card';
  const surface = isInApp ? step.surface : undefined;
  if (channel === 'in_app') round.taken.surfaces.set(step.surface, trigger.id);
  const path = `steps.${step.id}`;
  rememberTold(round, run, items);
  const experiment = experimentOf(trigger, round.config);
  const workspace = workspaceSide(trigger, round.draft.meta.firstId, round.config);
  const exposure = newExposure(round, trigger, experiment, workspace);
  const sent = { messageId: input.messageId, channel: input.channel, experiment, workspace };
  if (isHeldOut(trigger, round.draft.meta.firstId, round.config)) {
    // The ghost keeps its slot and counts for its own re-eligibility, goals and lowest price: it is what would have been
    // sent. It uses no cap and no money.
    openGoals(round, trigger, run, { ...sent, heldOut: true });
    tally(round.draft, run, 'held_out', channel, round.now);
    const ghost = { ...input, id: input.messageId };
    putFact(round, { kind: 'held_out', message: factOf(ghost, 'held_out'), ...exposure });
    explain(round, trigger, 'held_out', { path, ...(told && { values: told }) });
    return { kind: 'put', run: { ...run, sends: run.sends + 1 } };
  }
  if (isInApp) putInbox(round, run, step, input, content, exposure);
  else {
    leave(round, run, input);
    if (exposure) {
      putFact(round, {
        kind: 'exposed',
        message: factOf({ ...input, id: input.messageId }, 'queued'),
        ...exposure,
      });
    }
  }
  openGoals(round, trigger, run, { ...sent, heldOut: false });
  spend(round, trigger, input.channel);
  tally(round.draft, run, 'sent', channel, round.now, surface);
  const scope = runScope(round, run);
  noteCapped(scope, round.config.policies.caps.rules, { trigger: trigger.id, channel, surface });
  round.taken.sends.push({ trigger, channel, surface, scope });
  const { messageId } = input;
  explain(round, trigger, 'sent', { messageId, path, ...(told && { values: told }) });
  return { kind: 'put', run: { ...run, sends: run.sends + 1, open: [...run.open, messageId] } };
}

type Exposure = Pick<Fact, 'exposure' | 'workspaceExposure'>;

/** Once for each profile and experiment, whichever side it is on: people are compared, not messages. */
function newExposure(
  { draft }: Round,
  { id }: CompiledTrigger,
  experiment: string | null,
  workspace: WorkspaceSide | null,
): Exposure | undefined {
  const exposure: Exposure = {};
  if (experiment !== null && draft.get('log', logKey(id, ''))?.exposed !== experiment) {
    amendLog(draft, id, '', { exposed: experiment });
    exposure.exposure = experiment;
  }
  if (workspace && draft.meta.exposedShare !== workspace.share) {
    draft.setMeta({ exposedShare: workspace.share });
    exposure.workspaceExposure = workspace;
  }
  return exposure.exposure === undefined && !exposure.workspaceExposure ? undefined : exposure;
}

type Composed =
  | {
      kind: 'composed';
      input: MessageInput;
      content: JsonObject;
      items: GroupedItem[] | null;
      /** What it recommends, for the explanation. */
      told?: JsonObject;
    }
  | { kind: 'refused'; path: string; message: string };

const NO_PUBLIC_URL: Composed = {
  kind: 'refused',
  path: 'policies.workspace.publicUrl',
  message:
    'a marketing e-mail carries a link to unsubscribe, and nobody has said where this deployment is reached',
};

/** The message of a send step as this run would make it; nothing is put anywhere. */
export function compose(
  round: Round,
  trigger: CompiledTrigger,
  run: Run,
  step: CompiledSend,
  channel: Channel,
  /** Of the message whose place it takes. */
  idBefore?: string,
): Composed {
  const { draft, now, config } = round;
  const template = config.templates.get(step.send.template);
  if (!template)
    return { kind: 'refused', path: 'send.template', message: `no template ${step.send.template}` };
  const until = expiresAt(round, trigger, run, channel);
  const id = idBefore ?? idOf(round, trigger, run, { stepId: step.id, channel, until });
  const items = itemsWorthTelling(round, trigger, run);
  const { workspace } = config.policies;
  const locale = localeOf(draft, workspace);
  const { category } = trigger.document;
  const links = messageLinks(round, template.document, { messageId: id, channel, category, locale });
  if (links === null) return NO_PUBLIC_URL;
  const message = { id, expiresAt: new Date(until).toISOString(), ...links };
  const scope = runScope(round, run);
  // The item that a group's message speaks of first is the first of them.
  const about = items?.[0] ? { ...scope, item: items[0] } : scope;
  const aboutIds = (items ?? [scope.item]).flatMap((item) => item?.id ?? []);
  const { shown, told } = recommendFor(round, step.send.recommend, template.document, aboutIds);
  const values = { ...templateValues(template.document, about, step.data, message, items), ...shown };
  if (JSON.stringify(values).length > VALUES_LIMIT) {
    return { kind: 'refused', path: 'send.template', message: 'its values are over 8 KB' };
  }
  const format = { currency: workspace.currency, timeZone: timeZoneOf(draft, workspace) };
  const rendered = renderTemplate({ template: template.document, channel, locale, values, format });
  if (rendered.kind === 'refused') return rendered;
  const input: MessageInput = {
    messageId: id,
    trigger: trigger.id,
    version: trigger.version,
    variant: run.variant,
    channel,
    category,
    template: { id: template.document.id, version: template.version },
    locale: rendered.locale,
    format,
    values,
    createdAt: now,
    expiresAt: until,
    priority: trigger.priority,
    ...(workspace.tagLinks !== false && { tagLinks: true as const }),
  };
  const content = input.tagLinks ? tagContent(channel, rendered.content, id, values) : rendered.content;
  const fit = fitText(channel, content, input.category, template.document, config);
  if (fit.kind === 'goes_as') return compose(round, trigger, run, step, fit.channel, id);
  if (fit.kind === 'too_long') {
    const message = `${fit.bytes} bytes; an SMS has ${SMS_BYTES}, and the template no \`lms\` that could go instead`;
    return { kind: 'refused', path: 'send.template', message };
  }
  return { kind: 'composed', input, content, items, ...(told && { told }) };
}

function idOf(
  { draft, now }: Round,
  trigger: CompiledTrigger,
  run: Run,
  { stepId, channel, until }: { stepId: string; channel: Channel; until: number },
): string {
  const { key, createdAt } = draft.meta;
  if (channel === 'in_app' || channel === 'card') {
    return messageId(key, `${createdAt}:${run.id}`, stepId, channel, trigger.id, until);
  }
  const { held } = run;
  return held?.messages[channel] ?? leavingId(draft.meta, run, stepId, channel, held?.reachedAt ?? now);
}

export function putInbox(
  round: Round,
  run: Run,
  step: CompiledSend,
  input: MessageInput,
  content: JsonObject,
  exposure?: Exposure,
): void {
  const { layout, ...rest } = content;
  const message: InboxMessage = {
    id: input.messageId,
    trigger: input.trigger,
    version: input.version,
    variant: input.variant,
    channel: input.channel === 'card' ? 'card' : 'in_app',
    surface: step.surface,
    // A card shows in-app content, as a card.
    layout: input.channel === 'card' ? 'card' : typeof layout === 'string' ? layout : 'modal',
    priority: input.priority,
    createdAt: input.createdAt,
    expiresAt: input.expiresAt,
    content: { locale: input.locale, ...rest },
    runId: run.id,
    key: run.key,
    ...(input.test && { test: input.test }),
  };
  round.draft.put('inbox', message.id, message);
  putFact(round, { kind: 'message_queued', message: factOf(message, 'queued'), ...exposure });
}

export function leave(round: Round, run: Run, input: MessageInput): void {
  putOut(round, {
    kind: 'message',
    id: input.messageId,
    runId: run.id,
    key: run.key,
    input,
    attempts: 0,
    retryAt: round.now + OFFER_AGAIN_MS,
  });
}

/**
 * Of every item that the message spoke of: a price notice is remembered as the lowest so far, other news by when it
 * happened. Who waited for the item's return has been told of it, and waits no longer.
 */
function rememberTold(round: Round, run: Run, items: GroupedItem[] | null): void {
  const { draft, now } = round;
  const context = { draft, now, trigger: run.trigger };
  for (const one of items ?? itemsOf(run.entry)) {
    const price = priceOf(one);
    if (one.news !== undefined && one.news !== 'price_drop') {
      rememberNews(context, one.id, one.news, one.changedAt ?? now);
    } else if (price) {
      amendLog(draft, run.trigger, itemLogKey(one.id), { lowest: { price, at: now } });
    }
    if (one.news === 'back_in_stock') endSubscription(round, one.id);
  }
}

/** The item that an item's news started the run with. A run of an older build says only what price it measured against. */
function itemsOf({ item, news, event, referencePrice }: Run['entry']): GroupedItem[] {
  if (!item || (!news && !referencePrice)) return [];
  const kind = news ?? 'price_drop';
  return [
    { ...item, news: kind, changedAt: event.timestamp, referencePrice: referencePrice?.amount ?? null },
  ];
}
