/**
 * Where a delivery stands, ranked by how much it proves. What is known of one message arrives from the dispatcher and
 * as facts, in any order and more than once; the highest rank wins, so the outcome depends on neither.
 *
 * A message that was shown had been delivered, whatever else was reported; one that failed for good had at best been
 * handed to the provider; one that was sent was not cancelled.
 */
import type { Fact, FactKind } from '../engine/vocabulary.ts';

const RANKS = {
  queued: 10,
  held: 20,
  cancelled: 30,
  unknown: 40,
  sent: 50,
  failed: 60,
  dead: 70,
  delivered: 80,
  shown: 90,
  clicked: 100,
} as const;

export type DeliveryStatus = keyof typeof RANKS;
export const DELIVERY_STATUSES = Object.keys(RANKS) as DeliveryStatus[];

/** As D1 stores it. */
export function statusRank(status: DeliveryStatus): number {
  return RANKS[status];
}

/** An unknown rank was written by a newer build: the nearest one below it is still true. */
export function statusOfRank(rank: number): DeliveryStatus {
  return DELIVERY_STATUSES.findLast((status) => RANKS[status] <= rank) ?? 'queued';
}

/** The provider took it, as far as anybody knows. */
export function wasSent(status: DeliveryStatus): boolean {
  return status === 'sent' || RANKS[status] >= RANKS.delivered;
}

/** From here on the provider is not asked again. */
export function isSettled(status: DeliveryStatus): boolean {
  return RANKS[status] >= RANKS.cancelled;
}

type OfNoMessage =
  | 'profile_created'
  | 'converted'
  | 'held_out'
  | 'segment_entered'
  | 'segment_left'
  | 'exposed'
  | 'reacted'
  | 'active'
  | 'reached_stage'
  | 'profile_merged'
  | 'decided'
  | 'shadow';
type MessageFactKind = Exclude<FactKind, OfNoMessage>;

const STATUS_OF_FACT: Readonly<Record<MessageFactKind, DeliveryStatus>> = {
  message_queued: 'queued',
  message_held: 'held',
  message_cancelled: 'cancelled',
  message_expired: 'cancelled',
  message_failed: 'failed',
  message_shown: 'shown',
  message_dismissed: 'shown',
  message_clicked: 'clicked',
};

/**
 * A dismissed message was on screen. An expired one is as cancelled as one that an exit took back; one that was taken back
 * after a provider may have got it is neither. Null for facts of no message, and for kinds that a newer build may have.
 */
export function statusOfFact({ kind, message }: Pick<Fact, 'kind' | 'message'>): DeliveryStatus | null {
  if (!message || !Object.hasOwn(STATUS_OF_FACT, kind)) return null;
  const status = STATUS_OF_FACT[kind as MessageFactKind];
  return status === 'cancelled' && message.reason === 'unknown_outcome' ? 'unknown' : status;
}
