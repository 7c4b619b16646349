/**
 * One recorded life, lived again under a configuration: the profile's own events at the instants at which it took them
 * in, and between them whatever time and the catalog's prices set in motion. The profile, the dispatcher and the catalog
 * are those of `simulate/`, so that deciding is the engine's own.
 *
 * What the user did about real messages stays theirs: an acknowledgement is turned to the message that the same trigger
 * sent nearest to it here. Nobody reacts to a message that was never sent.
 */
import type { Config } from '../../engine/config.ts';
import type { Reason } from '../../engine/reasons.ts';
import type { Event, JsonObject } from '../../engine/vocabulary.ts';
import type { Delivery } from '../report.ts';
import { World } from '../world.ts';
import { pricesOf, type Standings } from './recorded-items.ts';
import { type Recording, takenIn } from './recorded-life.ts';

/** A message that was made, in a replay. */
export interface ReplayedSend {
  trigger: string;
  /** When it was decided. */
  at: number;
  /** Name of the event that it came of; null where time set it off. */
  event: string | null;
  messageId: string;
  channel: Delivery['channel'];
  variant: string | null;
  /** As rendered; null where the dispatcher couldn't, or it was taken back at once. */
  content: JsonObject | null;
}

export interface Replayed {
  sent: ReplayedSend[];
  /** Every answer of every trigger. */
  answers: { trigger: string; at: number; reason: Reason }[];
}

/** `toAt` ends it: what is still held or waits then is left so. */
export async function replayLife(
  recording: Recording,
  standings: Standings,
  config: Config,
  toAt: number,
): Promise<Replayed> {
  const taken = takenIn(recording).filter(({ at }) => at < toAt);
  const startAt = Math.min(recording.who.createdAt, taken[0]?.at ?? toAt);
  const world = new World(config, startAt);
  begin(world, recording);
  const reactions = new Reactions(world, recording);
  const writes = pricesOf(standings, startAt).filter(({ at }) => at < toAt);
  const { profile } = recording.who;
  for (const { at, event } of taken) {
    while (writes[0] && writes[0].at < at) await writeNext(world, writes);
    await world.advanceTo(at);
    await world.profile(profile.key).answers.ingest({ profile, events: [reactions.turned(event)] });
    await world.runErrands();
  }
  while (writes.length > 0) await writeNext(world, writes);
  await world.advanceTo(toAt - 1);
  return lived(world);
}

async function writeNext(world: World, writes: ReturnType<typeof pricesOf>): Promise<void> {
  const next = writes.shift();
  if (!next) return;
  await world.advanceTo(next.at);
  await next.write(world.catalog);
  await world.runErrands();
}

/** What the profile was from its first event on, and history doesn't tell. */
function begin(world: World, { who }: Recording): void {
  const { profile, firstId, createdAt, timezone, edgeTimezone, locale } = who;
  const store = world.profile(profile.key).store(profile);
  if (store) Object.assign(store.state.meta, { firstId, createdAt, timezone, edgeTimezone, locale });
}

function lived({ journal }: World): Replayed {
  const answers: Replayed['answers'] = [];
  const sent: ReplayedSend[] = [];
  for (const { trigger, reason, event, messageId, ...decision } of journal.decisions) {
    const at = Date.parse(decision.at);
    answers.push({ trigger, at, reason });
    const delivery = messageId === undefined ? undefined : journal.deliveries.get(messageId);
    if (reason !== 'sent' || messageId === undefined || !delivery) continue;
    const { channel, variant, content } = delivery;
    sent.push({ trigger, at, event, messageId, channel, variant, content });
  }
  return { sent, answers };
}

const MESSAGE_ID = /msg_[0-9a-z]{22}_[0-9a-z]{11}_[0-9a-z]{1,11}/g;

class Reactions {
  readonly #world: World;
  /** What was really sent: message → its trigger, and when. */
  readonly #real = new Map<string, { trigger: string; at: number }>();

  constructor(world: World, { events }: Recording) {
    this.#world = world;
    for (const { sent, takenAt } of events) {
      for (const { trigger, messageId } of sent) this.#real.set(messageId, { trigger, at: takenAt });
    }
  }

  /** The event with the messages of this world in place of those that were really sent. */
  turned(event: Event): Event {
    const told = JSON.stringify([event.properties, event.context]);
    if (!told.includes('msg_')) return event;
    const turned = told.replaceAll(MESSAGE_ID, (id) => this.#standInOf(id) ?? id);
    const [properties, context] = JSON.parse(turned) as [JsonObject, Event['context']];
    return { ...event, properties, context };
  }

  #standInOf(id: string): string | null {
    const real = this.#real.get(id);
    if (!real) return null;
    let nearest: { id: string; distanceMs: number } | null = null;
    for (const { trigger, at, messageId } of this.#world.journal.decisions) {
      if (trigger !== real.trigger || messageId === undefined) continue;
      const distanceMs = Math.abs(Date.parse(at) - real.at);
      if (distanceMs <= (nearest?.distanceMs ?? SAME_SEND_MS)) nearest = { id: messageId, distanceMs };
    }
    return nearest?.id ?? null;
  }
}

/** Two sends of a trigger so near to each other are taken for the same. */
export const SAME_SEND_MS = 60_000;
