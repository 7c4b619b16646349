/** What happens to the profile of a row, and when. */
import type { Decision } from '../../src/engine/decide.ts';
import type { Acknowledgement, VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import { durationMs } from '../../src/engine/time/duration.ts';
import type { EventContext, JsonObject, Origin } from '../../src/engine/vocabulary.ts';
import { canonicalCommerce } from '../../src/ingest/ecommerce.ts';

export interface CaseEvent {
  name?: string;
  properties?: JsonObject;
  traits?: JsonObject;
  context?: EventContext;
  origin?: Origin;
  id?: string;
  imported?: true;
}

export interface CaseHappening extends CaseEvent {
  /** Before the row's `now`: a duration, or milliseconds. */
  ago?: string | number;
  at?: string;
  /** When it happened, where it arrived later than that. */
  timestampAgo?: string;
  timestamp?: string;
  consent?: { channel: string; purpose?: string; granted: boolean };
  ack?: Acknowledgement;
  of?: string;
  dispatch?: true;
}

export function receive(profile: VirtualProfile, event: CaseEvent, timestamp = profile.now): Decision {
  const { traits, context, origin, id, imported } = event;
  const { name, properties, original } = canonicalCommerce(event.name ?? 'Ask', event.properties ?? {});
  return profile.track(name, properties, {
    ...(original && { original }),
    timestamp,
    ...(traits && { traits }),
    ...(context && { context }),
    ...(origin && { origin }),
    ...(id !== undefined && { messageId: id }),
    ...(imported && { imported }),
  });
}

/** Takes the clock to where it happens, then lets it happen; null where no event was decided. */
export function happen(profile: VirtualProfile, one: CaseHappening, now = profile.now): Decision | null {
  profile.advanceTo(instantOf(one, now));
  if (one.dispatch) {
    profile.dispatch();
    return null;
  }
  if (one.consent) return profile.consent(one.consent.channel, one.consent.granted, purposeOf(one.consent));
  if (one.ack) return profile.ack(one.ack, lastMessageOf(profile, one.of));
  if (one.name === undefined) return null;
  const { timestamp, timestampAgo } = one;
  const happenedAt = timestamp !== undefined ? Date.parse(timestamp) : agoAt(timestampAgo, now);
  return receive(profile, one, happenedAt ?? profile.now);
}

const purposeOf = ({ purpose }: { purpose?: string }) => (purpose === undefined ? {} : { purpose });

function instantOf({ at, ago }: CaseHappening, now: number): number {
  return at === undefined ? (agoAt(ago, now) ?? now) : Date.parse(at);
}

function agoAt(ago: string | number | undefined, now: number): number | null {
  if (ago === undefined) return null;
  return now - (typeof ago === 'number' ? ago : durationMs(ago));
}

/** The id of the newest message that the trigger has sent. */
function lastMessageOf(profile: VirtualProfile, trigger: string | undefined): string {
  const said = profile.trace.findLast(({ id, messageId }) => id === trigger && messageId !== undefined);
  if (said?.messageId === undefined) throw new Error(`${trigger} has sent nothing to acknowledge`);
  return said.messageId;
}
