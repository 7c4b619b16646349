/**
 * What a step expects against what came. Everything is exact: what isn't listed must not have happened. Of a step
 * without `expect` nothing is asked.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import { assign } from './assign.ts';
import type { Answer } from './edge.ts';
import { type DeliveryEntry, isMessage } from './journal.ts';
import type {
  ConversionExpectation,
  DeliveryExpectation,
  Expectation,
  MessageExpectation,
  PersonExpectation,
} from './life-schema.ts';
import { contentFits } from './match-content.ts';
import type { Decision, GoalMet, Person } from './report.ts';

/** What has happened since the last step. */
export interface Happened {
  answer: Answer | null;
  sent: DeliveryEntry[];
  decisions: Decision[];
  conversions: GoalMet[];
  /** Of the whole life, in the order in which they were made. */
  deliveries: DeliveryEntry[];
  /** Ids of messages that earlier steps kept. */
  kept: ReadonlyMap<string, string>;
  /** The profiles that are, or have become, this person. */
  profilesOf(person: PersonExpectation): ReadonlySet<string>;
}

/** In words, one text for each thing that is wrong. */
export function checkStep(expected: Expectation, happened: Happened): string[] {
  return [
    ...checkAnswer(expected, happened),
    ...checkMessages(expected.messages ?? [], happened),
    ...checkSent(expected, happened),
    ...checkOrder(expected.order, happened),
    ...checkTotals(expected, happened),
    ...checkVariants(expected, happened),
    ...checkDecisions(expected, happened),
    ...checkConversions(expected, happened),
  ];
}

/** The messages that an answer carries. */
export function messagesOf(answer: Answer | null): JsonObject[] {
  const messages = answer?.body?.messages;
  return Array.isArray(messages) ? (messages as JsonObject[]) : [];
}

function checkAnswer({ status, body = {} }: Expectation, { answer }: Happened): string[] {
  if (!answer) return [];
  const wanted = status === undefined ? 'any 2xx' : String(status);
  const fits = status === undefined ? answer.status >= 200 && answer.status < 300 : answer.status === status;
  const texts = fits ? [] : [`expected status ${wanted}; came ${answer.status} ${json(answer.body)}`];
  for (const [path, value] of Object.entries(body)) {
    const found = valueAt(answer.body, path);
    if (json(found) !== json(value))
      texts.push(`expected ${path} = ${json(value)} in the answer; came ${json(found)}`);
  }
  return texts;
}

function checkMessages(expected: MessageExpectation[], { answer, kept }: Happened): string[] {
  const came = messagesOf(answer);
  const fits = (wanted: MessageExpectation, message: JsonObject) => messageFits(wanted, message, kept);
  return compare(expected, came, fits, 'message', (message) => json(brief(message)));
}

function messageFits(wanted: MessageExpectation, message: JsonObject, kept: Happened['kept']): boolean {
  return (
    (['trigger', 'channel', 'surface', 'layout', 'variant'] as const).every(
      (field) => wanted[field] === undefined || wanted[field] === message[field],
    ) &&
    (wanted.same === undefined || kept.get(wanted.same) === message.id) &&
    contentFits(message.content as JsonObject | null, wanted)
  );
}

function checkSent({ sent = [], may = [] }: Expectation, { sent: came }: Happened): string[] {
  const demanded = sent.filter(({ optional }) => !optional);
  const allowed = [...sent.filter(({ optional }) => optional), ...may];
  return compare(demanded, came, deliveryFits, 'delivery', (one) => json(brief(one)), allowed);
}

function deliveryFits(wanted: DeliveryExpectation, delivery: DeliveryEntry): boolean {
  const { trigger, userId, anonymousId, channel, variant, at } = wanted;
  return (
    (trigger === undefined || trigger === delivery.trigger) &&
    (userId === undefined || userId === delivery.userId) &&
    (anonymousId === undefined || anonymousId === delivery.anonymousId) &&
    (channel === undefined || channel === delivery.channel) &&
    (variant === undefined || variant === delivery.variant) &&
    (at === undefined || secondOf(at) === secondOf(delivery.sentAt)) &&
    contentFits(delivery.content, wanted)
  );
}

/** Missing ones and surplus ones, each in a sentence. `allowed` may take up what is surplus. */
function compare<E, T>(
  demanded: E[],
  came: T[],
  fits: (expected: E, thing: T) => boolean,
  noun: string,
  show: (thing: T) => string,
  allowed: E[] = [],
): string[] {
  const assigned = assign([...demanded, ...allowed], came, fits);
  const missing = demanded.filter((_, i) => assigned[i] === undefined);
  const surplus = came.filter((_, i) => !assigned.includes(i));
  const others = surplus.length > 0 ? surplus.map(show).join(', ') : 'nothing else';
  return [
    ...missing.map((expected) => `expected a ${noun} ${json(expected)}; came ${others}`),
    ...(missing.length === 0 ? surplus.map((thing) => `expected no other ${noun}; came ${show(thing)}`) : []),
  ];
}

/** Of each listed person the first message counts. */
function checkOrder(order: string[] | undefined, { sent }: Happened): string[] {
  if (!order) return [];
  const came = [...new Set(sent.map(({ userId }) => userId ?? ''))].filter((id) => order.includes(id));
  return json(came) === json(order)
    ? []
    : [`expected to be sent to in the order ${json(order)}; came ${json(came)}`];
}

function checkTotals({ totals = [] }: Expectation, happened: Happened): string[] {
  return totals.flatMap((total) => {
    const { count, max } = total;
    const n = messagesTo(total, happened).length;
    if ((count === undefined || n === count) && (max === undefined || n <= max)) return [];
    const wanted = count === undefined ? `at most ${max}` : String(count);
    return [`expected ${wanted} messages of \`${total.trigger}\` in all to ${nameOf(total)}; came ${n}`];
  });
}

function checkVariants({ sameVariant = [] }: Expectation, happened: Happened): string[] {
  return sameVariant.flatMap((wanted) => {
    const variants = [...new Set(messagesTo(wanted, happened).map(({ variant }) => variant))];
    if (variants.length <= 1) return [];
    return [`expected one variant of \`${wanted.trigger}\` for ${nameOf(wanted)}; came ${json(variants)}`];
  });
}

function messagesTo(wanted: PersonExpectation & { trigger: string }, happened: Happened): DeliveryEntry[] {
  const profiles = happened.profilesOf(wanted);
  return happened.deliveries.filter(
    ({ trigger, profileKey, status }) =>
      trigger === wanted.trigger && profiles.has(profileKey) && isMessage(status),
  );
}

function checkDecisions({ decisions = [] }: Expectation, happened: Happened): string[] {
  return decisions.flatMap((wanted) => {
    const reasons = [wanted.reason].flat();
    const about = happened.decisions.filter((one) => one.trigger === wanted.trigger && isOf(one, wanted));
    if (about.some(({ reason }) => reasons.includes(reason))) return [];
    const came = about.map(({ reason, path }) => (path ? `${reason} (${path})` : reason)).join(', ');
    return [
      `expected the decision ${reasons.join(' or ')} of \`${wanted.trigger}\` for ${nameOf(wanted)}; came ${came || 'none'}`,
    ];
  });
}

function checkConversions({ converted }: Expectation, { conversions }: Happened): string[] {
  if (!converted) return [];
  const fits = (wanted: ConversionExpectation, met: GoalMet) =>
    (['trigger', 'goal', 'value', 'heldOut'] as const).every(
      (field) => wanted[field] === undefined || wanted[field] === met[field],
    ) && isOf(met, wanted);
  return compare(converted, conversions, fits, 'goal met', json);
}

function isOf(one: Person, { userId, anonymousId }: PersonExpectation): boolean {
  return (
    (userId === undefined || one.userId === userId) &&
    // Whoever is known by now is told of by both ids.
    (anonymousId === undefined || one.anonymousId === anonymousId)
  );
}

function nameOf({ userId, anonymousId }: PersonExpectation): string {
  return userId ?? anonymousId ?? 'anybody';
}

function brief(thing: object): object {
  const { profileKey: _key, id: _id, ...rest } = thing as { profileKey?: unknown; id?: unknown };
  return rest;
}

function secondOf(instant: string | null): number | null {
  return instant === null ? null : Math.floor(Date.parse(instant) / 1_000);
}

function valueAt(body: JsonObject | null, path: string): unknown {
  let value: unknown = body;
  for (const name of path.split('.')) {
    const isContainer = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    value = isContainer ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
