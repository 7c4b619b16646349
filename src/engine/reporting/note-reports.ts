/**
 * What the workspace's report is told of every profile, where the policy `reports` asks for it: each day on which its client
 * was heard of, and the first time that it reached each stage of the journey. At most one fact a day, and seven in a
 * life; all other events cost two comparisons.
 */
import type { Round } from '../round.ts';
import { putFact } from '../round.ts';
import { dayOf, localTimeOf, nextStartOf } from '../time/zone-time.ts';
import type { Event } from '../vocabulary.ts';
import { JOURNEY_STAGES, type JourneyStage } from './report-facts.ts';

/** Imported events tell of stages, for they happened; of days they don't. */
export function noteReports(round: Round, event: Event, sessionStarted: boolean): void {
  const { journey, activity } = round.config.policies.reports;
  if (event.origin === 'system') return;
  if (activity && event.origin === 'client' && !event.imported) noteDay(round);
  if (journey) noteStages(round, event, sessionStarted);
}

function noteDay(round: Round): void {
  const { draft, now, config } = round;
  if (now < draft.meta.activeUntil) return;
  const zone = config.policies.workspace.tz;
  const day = dayOf(localTimeOf(zone, now));
  const firstDay = draft.meta.firstActiveDay ?? day;
  draft.setMeta({ activeUntil: nextStartOf('day', zone, now), firstActiveDay: firstDay });
  putFact(round, { kind: 'active', activity: { day, firstDay } });
}

const STAGE_OF: ReadonlyMap<string, JourneyStage> = new Map([
  ['Product Viewed', 'browsed'],
  ['Product List Viewed', 'browsed'],
  ['Product Clicked', 'browsed'],
  ['Products Searched', 'browsed'],
  ['Signed Up', 'signed_up'],
  ['Product Added to Wishlist', 'acted'],
  ['Product Added', 'acted'],
  ['Back in Stock Requested', 'acted'],
  ['Topic Followed', 'acted'],
  ['Checkout Started', 'acted'],
  ['Order Completed', 'purchased'],
]);

function noteStages(round: Round, event: Event, sessionStarted: boolean): void {
  const { draft } = round;
  const reached: JourneyStage[] = ['entered'];
  const stage = STAGE_OF.get(event.name);
  const hasPurchased = has(draft.meta.journey, 'purchased');
  if (sessionStarted && hasPurchased) reached.push('returned');
  if (stage === 'purchased' && hasPurchased) {
    if (!isFirstOrder(event, draft.meta.firstOrderId)) reached.push('repurchased');
  } else if (stage) reached.push(stage);
  for (const one of reached) {
    if (has(draft.meta.journey, one)) continue;
    draft.setMeta({ journey: draft.meta.journey | bitOf(one) });
    if (one === 'purchased') draft.setMeta({ firstOrderId: orderIdOf(event) });
    putFact(round, { kind: 'reached_stage', stage: one, at: event.timestamp });
  }
}

/** Shops tell of an order from the page and from the server. */
function isFirstOrder(event: Event, firstOrderId: string | null): boolean {
  return firstOrderId !== null && orderIdOf(event) === firstOrderId;
}

function orderIdOf({ properties: { order_id: id } }: Event): string | null {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

function bitOf(stage: JourneyStage): number {
  return 1 << JOURNEY_STAGES.indexOf(stage);
}

function has(journey: number, stage: JourneyStage): boolean {
  return (journey & bitOf(stage)) !== 0;
}
