/** A send that may not go out yet rests at its step: announced, but using no cap, budget or surface. */

import type { Reason } from '../reasons.ts';
import { explain, putFact, type Round } from '../round.ts';
import { factOf } from '../runs/cancel-run.ts';
import type { Channel } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { leavingId } from './message-id.ts';
import type { SendRequest } from './send.ts';

export interface Hold {
  channel: Channel;
  until: number;
  reason: Reason;
  values?: JsonObject;
  /** It waits its turn on a surface: meanwhile its time runs. */
  isQueued?: true;
}

export function hold(round: Round, { run, trigger, step }: SendRequest, holds: Hold[]): null {
  const first = holds.reduce((a, b) => (b.until < a.until ? b : a));
  const before = run.held;
  const reachedAt = before?.reachedAt ?? round.now;
  const messages: { [channel: string]: string } = {};
  for (const { channel, reason } of holds) {
    const id = before?.messages[channel] ?? leavingId(round.draft.meta, run, step.id, channel, reachedAt);
    messages[channel] = id;
    if (before || channel === 'in_app' || channel === 'card') continue;
    const { version, priority } = trigger;
    const message = {
      id,
      trigger: trigger.id,
      version,
      variant: run.variant,
      channel,
      createdAt: round.now,
      priority,
    };
    putFact(round, { kind: 'message_held', message: factOf(message, reason) });
  }
  const isQueued = holds.some((one) => one.isQueued);
  const queuedAt = isQueued ? (before?.queuedAt ?? round.now) : null;
  const held = { reason: first.reason, reachedAt, queuedAt, messages };
  round.draft.put('runs', run.id, { ...run, dueAt: first.until, held });
  if (before?.reason !== first.reason) {
    const values = { until: new Date(first.until).toISOString(), ...first.values };
    explain(round, trigger, first.reason, { path: `steps.${step.id}`, values });
  }
  return null;
}
