/**
 * One attempt at one claimed message: who sends on its channel, whether the endpoint takes any now, and what its answer
 * means. Nothing is written here.
 */

import type { ChannelAdapter, OutgoingMessage, SendDeps, SendResult } from '../channels/channel.ts';
import { addressOf } from '../channels/named-address.ts';
import type { ChannelRoute } from '../channels/registry.ts';
import type { UserNews } from '../engine/gates/suppression.ts';
import type { Reason } from '../engine/reasons.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { JsonObject, MessageInput } from '../engine/vocabulary.ts';
import { composeMessage } from './compose-message.ts';
import type { BatchDeps } from './dispatch-deps.ts';
import { endpointsOf } from './endpoints.ts';
import { isRepeatable, type Judged, judgeResult, reportOf, userNewsOf } from './judge-result.ts';
import type { Endpoint } from './permits.ts';
import { priceOf } from './price-of.ts';
import type { Price } from './purse.ts';
import { refusalAt } from './refused-addresses.ts';
import { signLinks, withLinks } from './sign-links.ts';

export type Outcome =
  /** `content` where the provider keeps it for people to look at. */
  (
    | { kind: 'sent'; content?: JsonObject; addressKey?: string }
    /** The holder of its address wants no such message: nobody was asked to take it. */
    | { kind: 'refused'; reason: Reason }
    | Judged
    /** Its trigger's budget is used up: nobody was asked to take it. */
    | { kind: 'unpaid'; limit: 'perDay' | 'total' }
  ) &
    UserNews & {
      /** The money that was taken for it is spent, or may be: it isn't taken again. */
      paid?: true;
    };

interface Attempt {
  /** Of the profile that holds the lease. */
  profileKey: string;
  input: MessageInput;
  to: Address[];
  /** 1 the first time. */
  number: number;
  /** The attempt before ended without a word: its provider may have been called. */
  isLost: boolean;
  claimedAt: number;
  /** When the user agreed to advertising by this channel, where that is their last word. */
  consentedAt?: number;
  /** By its trigger's budget, at an earlier attempt. */
  paid?: true;
}

/** A send that began later than this could outlast the lease, and be begun again by another. */
const LATEST_START_MS = 12_000;
/** What met a full lane comes back soon. */
const BUSY_MS = 5_000;

/** Throws only where the documents can't be read: then nothing has been sent. */
export async function sendMessage(attempt: Attempt, deps: BatchDeps): Promise<Outcome> {
  const { input } = attempt;
  const config = await deps.documents.config();
  const route = deps.route(input.channel, config.channels.get(input.channel), deps.isDevelopment);
  if (!route) return { kind: 'over', status: 'failed', reason: 'no_channel', code: 'no_provider' };
  if (attempt.isLost && !route.adapter.lookUp && !isRepeatable(route.adapter, input, deps.now())) {
    return { kind: 'over', status: 'unknown', reason: 'unknown_outcome', code: 'lease_lost' };
  }
  const template = await deps.documents.template(input.template.id, input.template.version);
  if (!template) return { kind: 'over', status: 'failed', reason: 'render_error', code: 'template_gone' };
  const linked = withLinks(input, attempt.profileKey, config.publicUrl);
  const composed = composeMessage(await signLinks(linked, deps.signLink), template, config, attempt.to);
  if (composed.kind === 'refused') {
    return {
      kind: 'over',
      status: 'failed',
      reason: 'render_error',
      code: `render_refused: ${composed.path}`,
    };
  }
  const price = attempt.paid ? null : priceOf(input, config, deps.now());
  const send = () => deliver(attempt, composed.message, route, config.policies.law.jurisdiction, deps);
  return price ? pay(price, send, deps) : attempt.paid ? stillPaid(await send()) : send();
}

async function deliver(
  attempt: Attempt,
  message: OutgoingMessage,
  route: ChannelRoute,
  region: string,
  deps: BatchDeps,
): Promise<Outcome> {
  const { input, number, claimedAt } = attempt;
  const { adapter, settings } = route;
  const secret = await deps.documents.secret(input.channel);
  const endpoints = endpointsOf(route, message);
  const sendDeps: SendDeps = {
    fetch: deps.fetch,
    now: deps.now,
    settings,
    secret,
    allowLoopback: deps.isDevelopment,
    region,
    tokens: deps.tokens,
  };
  const address = adapter.reports ? addressOf(message, region) : null;
  const addressKey = address && (await deps.addresses.key(address));
  const refusal = addressKey && (await refusalAt(addressKey, attempt, deps));
  if (refusal) return refusal;
  const passed = await pass(endpoints, deps);
  if (passed.kind === 'untried') return passed;
  if (deps.now() - claimedAt > LATEST_START_MS) {
    passed.leave(false);
    return { kind: 'untried', afterMs: BUSY_MS, code: 'late' };
  }
  const result = await sendOnce(attempt, message, adapter, sendDeps);
  passed.leave(result.kind === 'accepted' || result.kind === 'rejected');
  const closedForMs = await tell(endpoints, result, passed.isProbe, deps);
  const news = userNewsOf(result, adapter.provider);
  if (result.kind === 'accepted') {
    return {
      kind: 'sent',
      ...(adapter.keepsContent && { content: message.content }),
      ...(addressKey && adapter.reports === 'addresses' && { addressKey }),
      ...news,
    };
  }
  const judged = judgeResult(result, { input, number, adapter, now: deps.now() });
  const waits = judged.kind === 'untried' && result.kind === 'rejected' && closedForMs !== null;
  return { ...judged, ...(waits && { afterMs: closedForMs }), ...news };
}

/** Money first: what is sent has been paid for. */
async function pay(price: Price, send: () => Promise<Outcome>, deps: BatchDeps): Promise<Outcome> {
  const payment = await deps.purses.pay(price);
  if (payment.kind === 'refused') return { kind: 'unpaid', limit: payment.limit };
  if (payment.kind === 'unknown') return { kind: 'untried', afterMs: BUSY_MS, code: 'budget_unknown' };
  const outcome = await send();
  const isUnspent = outcome.kind === 'untried' || (outcome.kind === 'over' && outcome.status === 'failed');
  if (isUnspent) deps.purses.giveBack(price);
  return isUnspent ? outcome : stillPaid(outcome);
}

function stillPaid(outcome: Outcome): Outcome {
  return outcome.kind === 'sent' ? outcome : { ...outcome, paid: true };
}

type Passed =
  | { kind: 'passed'; isProbe: boolean; leave(isWell: boolean): void }
  | Extract<Judged, { kind: 'untried' }>;

async function pass(endpoints: Endpoint[], deps: BatchDeps): Promise<Passed> {
  let isProbe = false;
  for (const endpoint of endpoints) {
    const permit = await deps.permits.take(endpoint);
    if (permit.kind === 'closed') return { kind: 'untried', afterMs: permit.afterMs, code: permit.code };
    isProbe ||= permit.isProbe;
  }
  const lane = endpoints.at(-1)?.name;
  if (lane === undefined) return { kind: 'passed', isProbe, leave: () => {} };
  const leave = await deps.lanes.enter(lane);
  return leave ? { kind: 'passed', isProbe, leave } : { kind: 'untried', afterMs: BUSY_MS, code: 'busy' };
}

/** An account that is refused is that of all hosts; all else is told of the host alone. How long it is closed now. */
async function tell(
  endpoints: Endpoint[],
  result: SendResult,
  isProbe: boolean,
  deps: BatchDeps,
): Promise<number | null> {
  const report = { ...reportOf(result), ...(isProbe && { isProbe: true as const }) };
  const isOfAccount = report.refused !== undefined || report.parkedUntil !== undefined;
  const told = isProbe ? endpoints : [isOfAccount ? endpoints[0] : endpoints.at(-1)];
  let closedForMs: number | null = null;
  for (const endpoint of told) {
    const answer = endpoint && (await deps.permits.tell(endpoint, report));
    if (answer?.kind !== 'closed') continue;
    closedForMs = Math.max(0, answer.untilAt - deps.now());
    if (answer.opened)
      deps.alert({ alert: 'endpoint_closed', endpoint: endpoint?.name ?? '', code: answer.code });
  }
  return closedForMs;
}

/** Where the last attempt may have reached it, a provider that can say so is asked first. */
async function sendOnce(
  { number, input }: Attempt,
  message: OutgoingMessage,
  adapter: ChannelAdapter,
  deps: SendDeps,
): Promise<SendResult> {
  if (number > 1 && adapter.lookUp && !isRepeatable(adapter, input, deps.now())) {
    const { lookUp } = adapter;
    const known = await answerOf(() => lookUp(message, deps));
    if (known) return known;
  }
  return answerOf(() => adapter.send(message, deps));
}

/** An adapter that throws has a fault, and may have called its provider before. */
async function answerOf<T>(call: () => Promise<T>): Promise<T | { kind: 'unknown'; code: string }> {
  try {
    return await call();
  } catch {
    return { kind: 'unknown', code: 'adapter_fault' };
  }
}
