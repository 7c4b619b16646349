/** What happened in a simulated world, as reports and expectations read it. */

import type { TriggerTrace } from '../engine/reasons.ts';
import type { Event, Fact, JsonObject, MessageInput } from '../engine/vocabulary.ts';
import { type DeliveryStatus, statusOfFact, statusRank } from '../store/delivery-status.ts';
import type { Decision, Delivery, GoalMet } from './report.ts';
import type { SimulatedProfile } from './simulated-profile.ts';

/** A delivery, and whose it is. */
export interface DeliveryEntry extends Delivery {
  profileKey: string;
}

export class Journal {
  /** Of the life, the one that is being played. */
  step = 0;
  readonly decisions: Decision[] = [];
  readonly conversions: GoalMet[] = [];
  readonly deliveries = new Map<string, DeliveryEntry>();
  /** Messages that left the app, in the order in which they did. */
  readonly sent: DeliveryEntry[] = [];

  explain(profile: SimulatedProfile, event: Event | null, trace: TriggerTrace[], now: number): void {
    const who = profile.person;
    for (const { id, ...rest } of trace) {
      this.decisions.push({
        step: this.step,
        at: new Date(now).toISOString(),
        ...who,
        event: event?.name ?? null,
        trigger: id,
        ...rest,
      });
    }
  }

  /** As D1 learns of it: the status that proves most stands. */
  learn(profile: SimulatedProfile, fact: Fact): void {
    const { at, message, conversion } = fact;
    if (conversion) {
      const { sentAt: _sentAt, ...met } = conversion;
      this.conversions.push({ at: new Date(at).toISOString(), ...profile.person, ...met });
    }
    const status = statusOfFact(fact);
    if (!message || !status) return;
    const content = profile.store()?.state.inbox.get(message.id)?.content ?? null;
    const known = this.deliveries.get(message.id);
    if (!known) {
      this.#add(profile, message, { status, reason: message.reason, content, sentAt: null });
      return;
    }
    known.content ??= content;
    if (statusRank(status) <= statusRank(known.status)) return;
    known.status = status;
    known.reason = message.reason;
    if (status === 'shown' || status === 'clicked') known.sentAt ??= new Date(at).toISOString();
  }

  /** The provider has taken it, or (`content` null) it could not be rendered. */
  leave(profile: SimulatedProfile, input: MessageInput, content: JsonObject | null, now: number): void {
    const status = content ? 'sent' : 'failed';
    const reason = content ? 'sent' : 'render_error';
    const sentAt = content ? new Date(now).toISOString() : null;
    // A message that was held has been announced under its id.
    const known = this.deliveries.get(input.messageId);
    const entry =
      known ?? this.#add(profile, { ...input, id: input.messageId }, { status, reason, content, sentAt });
    Object.assign(entry, { status, reason, content, sentAt });
    if (content) this.sent.push(entry);
  }

  #add(
    profile: SimulatedProfile,
    message: Pick<MessageInput, 'trigger' | 'version' | 'variant' | 'channel' | 'createdAt'> & { id: string },
    state: Pick<Delivery, 'status' | 'reason' | 'content' | 'sentAt'>,
  ): DeliveryEntry {
    const { id, trigger, version, variant, channel } = message;
    const createdAt = new Date(message.createdAt).toISOString();
    const who = profile.person;
    const entry = {
      id,
      trigger,
      version,
      variant,
      channel,
      ...who,
      ...state,
      createdAt,
      profileKey: profile.key,
    };
    this.deliveries.set(id, entry);
    return entry;
  }
}

/** Counted as a message to somebody: neither taken back nor waiting for its hour. */
export function isMessage(status: DeliveryStatus): boolean {
  return status !== 'cancelled' && status !== 'held';
}
