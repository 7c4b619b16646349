import type { Fact } from '../engine/vocabulary.ts';
import { keepAudience } from './audience.ts';
import { keepConversions } from './conversions.ts';
import { keepDecisions } from './decisions.ts';
import { type DeliveryRecord, raiseDeliveries } from './deliveries.ts';
import { statusOfFact, statusRank } from './delivery-status.ts';
import type { ExportNames } from './export-rows.ts';
import { keepExposures, keepReactions } from './exposures.ts';
import { keepHoldouts } from './holdouts.ts';
import type { ProfileFacts } from './profile-facts.ts';
import { keepMembers } from './segment-members.ts';
import { keepShadowSends } from './shadow-sends.ts';

/** A statement binds all its rows as one value of at most 2 MB, and a fact is some 300 bytes, of 1 KB at most. */
const FACTS_PER_WRITE = 1_500;

/** All of it, or an exception and the caller comes again: writing a fact twice is writing it once. */
export async function applyFacts(db: D1Database, profiles: readonly ProfileFacts[]): Promise<void> {
  for (const portion of portionsOf(profiles)) await applyPortion(db, portion);
}

/** As they come, a profile's facts in several where there is no more room. */
function portionsOf(profiles: readonly ProfileFacts[]): ProfileFacts[][] {
  const portions: ProfileFacts[][] = [];
  let room = 0;
  for (const { profileKey, facts } of profiles) {
    for (let from = 0; from < facts.length; ) {
      if (room === 0) {
        portions.push([]);
        room = FACTS_PER_WRITE;
      }
      const some = facts.slice(from, from + room);
      portions.at(-1)?.push({ profileKey, facts: some });
      from += some.length;
      room -= some.length;
    }
  }
  return portions;
}

async function applyPortion(db: D1Database, profiles: readonly ProfileFacts[]): Promise<void> {
  const statements = [
    ...raiseDeliveries(db, deliveriesOf(profiles)),
    ...keepConversions(db, profiles),
    ...keepHoldouts(db, profiles),
    ...keepMembers(db, profiles),
    ...keepExposures(db, profiles),
    ...keepReactions(db, profiles),
    ...keepAudience(db, profiles),
    ...keepShadowSends(db, profiles),
    ...keepDecisions(db, profiles),
  ];
  if (statements.length > 0) await db.batch(statements);
}

/** What an export would tell of it. */
export function exportNamesOf(profiles: readonly ProfileFacts[]): ExportNames {
  const names: ExportNames = {
    deliveries: deliveriesOf(profiles).map(({ id }) => id),
    conversions: [],
    decisions: [],
  };
  for (const { profileKey, facts } of profiles) {
    for (const { seq, conversion, decided, first = { profile: profileKey, seq } } of facts) {
      if (conversion) names.conversions.push([first.profile, first.seq]);
      if (decided) names.decisions.push([first.profile, first.seq, decided.answers.length]);
    }
  }
  return names;
}

/** What the facts say of each message, the facts of one message folded into one record. */
export function deliveriesOf(profiles: readonly ProfileFacts[]): DeliveryRecord[] {
  const records = new Map<string, DeliveryRecord>();
  for (const { profileKey, facts } of profiles) {
    for (const fact of facts) {
      const record = recordOf(profileKey, fact);
      if (!record) continue;
      const known = records.get(record.id);
      records.set(record.id, known ? higher(known, record) : record);
    }
  }
  return [...records.values()];
}

/** Null for facts that change no delivery. */
function recordOf(profileKey: string, fact: Fact): DeliveryRecord | null {
  const { at, message } = fact;
  const status = statusOfFact(fact);
  if (!message || !status) return null;
  const isSeen = status === 'shown' || status === 'clicked';
  return {
    id: message.id,
    profileKey,
    trigger: message.trigger,
    version: message.version,
    variant: message.variant,
    channel: message.channel,
    status,
    reason: isSeen ? 'shown' : message.reason,
    attempts: 0,
    createdAt: message.createdAt,
    // An in-app message leaves when it is on screen; the dispatcher knows better for the others.
    sentAt: isSeen && (message.channel === 'in_app' || message.channel === 'card') ? at : null,
    updatedAt: at,
    ...(isSeen && { shownAt: at }),
    ...(status === 'clicked' && { clickedAt: at }),
    ...(fact.kind === 'message_dismissed' && { dismissedAt: at }),
    ...(message.test && { test: message.test }),
  };
}

function higher(a: DeliveryRecord, b: DeliveryRecord): DeliveryRecord {
  const top = statusRank(b.status) > statusRank(a.status) ? b : a;
  const sent = [a.sentAt, b.sentAt].filter((at) => at !== null);
  return {
    ...top,
    ...earliest(a, b),
    sentAt: sent.length > 0 ? Math.min(...sent) : null,
    updatedAt: Math.max(a.updatedAt, b.updatedAt),
  };
}

const MARKS = ['shownAt', 'clickedAt', 'dismissedAt'] as const;

function earliest(a: DeliveryRecord, b: DeliveryRecord): Pick<DeliveryRecord, (typeof MARKS)[number]> {
  const marks: Pick<DeliveryRecord, (typeof MARKS)[number]> = {};
  for (const mark of MARKS) {
    const at = [a[mark], b[mark]].filter((one) => one !== undefined);
    if (at.length > 0) marks[mark] = Math.min(...at);
  }
  return marks;
}
