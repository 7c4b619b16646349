/** What must be at the sink, and what must not: derived from the plan and from when things were acknowledged. */
import { MOST_TIPS, type SendingTrigger, WAIT_MS } from './campaign.ts';
import type { LoadRecord } from './load.ts';
import type { Plan, PlannedEvent } from './plan.ts';
import type { SunkMessage } from './sink.ts';

/** How many different messages there may be of a trigger, a user and what it is about. */
interface Expected {
  least: number;
  most: number;
  /** Wall clock: not before. */
  notBefore: number;
}

export type Expectations = Map<string, Expected>;

/** A message that was claimed before its run was cancelled may be on its way for so long. */
const ON_ITS_WAY_MS = 1_000;

export function expectationsOf(plan: Plan, record: LoadRecord): Expectations {
  const expected: Expectations = new Map();
  for (const { events } of plan.requests) for (const event of events) expectOf(event, plan, record, expected);
  for (const [userId, items] of plan.likes) {
    for (const item of items) {
      expected.set(keyOf('price-drop', userId, item), { least: 1, most: 1, notBefore: 0 });
    }
  }
  return expected;
}

function expectOf(event: PlannedEvent, plan: Plan, record: LoadRecord, expected: Expectations): void {
  const { event: name, userId = '', properties, messageId } = event;
  if (name === 'Order Completed') {
    expected.set(keyOf('receipt', userId, String(properties.order_id)), { least: 1, most: 1, notBefore: 0 });
  }
  if (name === 'Products Searched') {
    const key = keyOf('tip', userId, String(properties.query));
    const most = Math.min(MOST_TIPS, (expected.get(key)?.most ?? 0) + 1);
    expected.set(key, { least: most, most, notBefore: 0 });
  }
  if (name === 'Trial Started') {
    const trialId = String(properties.trial_id);
    const notBefore = (record.events.get(messageId)?.firstSentAt ?? 0) + WAIT_MS;
    const isCancelled = plan.trials.get(trialId)?.isCancelled ?? false;
    const cancelledAt = record.cancelledAt.get(trialId) ?? Number.POSITIVE_INFINITY;
    // Cancelled after its time: it may have been sent, or it may not.
    const most = cancelledAt < notBefore ? 0 : 1;
    expected.set(keyOf('follow-up', userId, trialId), { least: isCancelled ? 0 : 1, most, notBefore });
  }
}

function keyOf(trigger: SendingTrigger, user: string, ref: string): string {
  return `${trigger} | ${user} | ${ref}`;
}

/** Whether all that must come has come. */
export function isComplete(expected: Expectations, messages: Map<string, SunkMessage>): boolean {
  const counts = countsOf(messages);
  return [...expected].every(([key, { least }]) => (counts.get(key) ?? 0) >= least);
}

/** Each a sentence. */
export function unmet(
  expected: Expectations,
  messages: Map<string, SunkMessage>,
  record: LoadRecord,
): string[] {
  const counts = countsOf(messages);
  const found: string[] = [];
  for (const [key, { least, most }] of expected) {
    const count = counts.get(key) ?? 0;
    if (count < least) found.push(`missing: ${key}: ${count} of ${least} messages came`);
    if (count > most) found.push(`too many: ${key}: ${count} messages came, at most ${most} are due`);
  }
  for (const [id, message] of messages) found.push(...misbehaved(id, message, expected, record));
  return found;
}

function misbehaved(
  id: string,
  { trigger, user, ref, firstAt, bodies }: SunkMessage,
  expected: Expectations,
  record: LoadRecord,
): string[] {
  const key = keyOf(trigger as SendingTrigger, user, ref);
  const due = expected.get(key);
  if (!due) return [`not due: ${key} (${id})`];
  const found: string[] = [];
  if (firstAt < due.notBefore - 1) found.push(`early: ${key} by ${due.notBefore - firstAt} ms`);
  if (bodies.size > 1) found.push(`not the same bytes: ${key} (${id}): ${bodies.size} bodies`);
  const cancelledAt = trigger === 'follow-up' ? record.cancelledAt.get(ref) : undefined;
  if (cancelledAt !== undefined && firstAt > cancelledAt + ON_ITS_WAY_MS) {
    found.push(`cancelled and sent: ${key} came ${Math.round(firstAt - cancelledAt)} ms later`);
  }
  return found;
}

function countsOf(messages: Map<string, SunkMessage>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { trigger, user, ref } of messages.values()) {
    const key = keyOf(trigger as SendingTrigger, user, ref);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
