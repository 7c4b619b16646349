/**
 * Makes the message of a send step: renders it (which may refuse), puts it into the inbox (in-app, as rendered) or the
 * outbox (other channels, the render input frozen), and counts it as sent, all in the decision's own commit.
 */
import { factOf } from './cancel-run.ts';
import { noteCapped } from './cap-keys.ts';
import type { CompiledTrigger, SendStepCompiled } from './compile-trigger.ts';
import { expiresAt } from './expiry.ts';
import { localeOf, timeZoneOf } from './locale.ts';
import { messageId } from './message-id.ts';
import { priceOf } from './price.ts';
import { lowestKey } from './price-drop.ts';
import { renderTemplate } from './render/render-template.ts';
import { OFFER_AGAIN_MS, putFact, putOut, type Round, runScope } from './round.ts';
import type { Run } from './state.ts';
import { templateValues, VALUES_LIMIT } from './template-values.ts';
import type { Channel } from './trigger.ts';
import { amendLog, tally } from './trigger-log.ts';
import type { InboxMessage, JsonObject, MessageInput } from './vocabulary.ts';

export type Put =
  | { kind: 'put'; run: Run; messageId: string }
  | { kind: 'refused'; path: string; message: string };

export function putMessage(
  round: Round,
  trigger: CompiledTrigger,
  run: Run,
  step: SendStepCompiled,
  channel: Channel,
): Put {
  const { draft, now, config } = round;
  const template = config.templates.get(step.send.template);
  if (!template)
    return { kind: 'refused', path: 'send.template', message: `no template ${step.send.template}` };
  const until = expiresAt(trigger.document, channel, now);
  const id = messageId(
    draft.meta.key,
    `${draft.meta.createdAt}:${run.id}`,
    step.id,
    channel,
    trigger.id,
    until,
  );
  const scope = runScope(round, run);
  const values = templateValues(template.document, scope, step.data, {
    id,
    expiresAt: new Date(until).toISOString(),
  });
  if (JSON.stringify(values).length > VALUES_LIMIT) {
    return { kind: 'refused', path: 'send.template', message: 'its values are over 8 KB' };
  }
  const { workspace } = config.policies;
  const locale = localeOf(draft, workspace);
  const format = { currency: workspace.currency, timeZone: timeZoneOf(draft, workspace) };
  const rendered = renderTemplate({ template: template.document, channel, locale, values, format });
  if (rendered.kind === 'refused') return rendered;
  const input: MessageInput = {
    messageId: id,
    trigger: trigger.id,
    version: trigger.version,
    variant: null,
    channel,
    category: trigger.document.category,
    template: { id: template.document.id, version: template.version },
    locale: rendered.locale,
    format,
    values,
    createdAt: now,
    expiresAt: until,
    priority: trigger.priority,
  };
  if (channel === 'in_app' || channel === 'card') putInbox(round, run, step, input, rendered.content);
  else leave(round, run, input);
  remember(round, run, channel, surfaceOf(step, channel));
  const sent = { trigger: trigger.id, channel, surface: surfaceOf(step, channel) };
  noteCapped(scope, config.policies.caps.rules, sent);
  return { kind: 'put', messageId: id, run: { ...run, sends: run.sends + 1, open: [...run.open, id] } };
}

/** Where in the app it will stand; what leaves the app has no surface. */
export function surfaceOf({ surface }: SendStepCompiled, channel: Channel): string | undefined {
  return channel === 'in_app' || channel === 'card' ? surface : undefined;
}

function putInbox(
  round: Round,
  run: Run,
  step: SendStepCompiled,
  input: MessageInput,
  content: JsonObject,
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
  };
  round.draft.put('inbox', message.id, message);
  putFact(round, { kind: 'message_queued', message: factOf(message, 'queued') });
}

function leave(round: Round, run: Run, input: MessageInput): void {
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

/** Counts the send for re-eligibility, and a price notice as the lowest so far. */
function remember({ draft, now }: Round, run: Run, channel: Channel, surface: string | undefined): void {
  tally(draft, run, 'sent', channel, now, surface);
  const { item, referencePrice } = run.entry;
  const price = item && referencePrice ? priceOf(item) : null;
  if (item && price) amendLog(draft, run.trigger, lowestKey(item.id), { lowest: { price, at: now } });
}
