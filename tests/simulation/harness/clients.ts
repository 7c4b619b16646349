/**
 * Apps and backends: they send events, late, twice and out of order, until they are told that all is durable; they look
 * for messages and acknowledge them; shops change prices. The calls go the way that the edge sends them.
 */
import type { Event, JsonObject } from '../../../src/engine/vocabulary.ts';
import { MovedProfiles } from '../../../src/ingest/moved-profiles.ts';
import { ingest, nextMessages } from '../../../src/ingest/profile-calls.ts';
import type { ItemPatch } from '../../../src/protocol/catalog-rpc.ts';
import { profileRef } from '../../../src/protocol/profile-key.ts';
import type { IngestRequest, ProfileRef } from '../../../src/protocol/rpc.ts';
import { catalogStub, profileStub } from '../../../src/protocol/stubs.ts';
import { ITEM_IDS } from './documents.ts';
import { type Invariants, Violation } from './invariants.ts';
import type { Kernel } from './kernel.ts';
import { type Platform, SECRET } from './platform.ts';

const HOUR_MS = 3_600_000;
const USERS = 4;
const VISITORS = 6;
const CURRENCY = 'KRW';

export interface People {
  users: ProfileRef[];
  visitors: ProfileRef[];
}

/** Their keys are made once: the platform's HMAC takes real time. */
export async function makePeople(): Promise<People> {
  const env = { ID_SECRET: SECRET };
  const make = (kind: ProfileRef['kind'], count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => profileRef(env, kind, `${kind[0]}${i}`)));
  return { users: await make('user', USERS), visitors: await make('anonymous', VISITORS) };
}

interface Request {
  request: IngestRequest;
  isAcknowledged: boolean;
}

export class Clients {
  /** Events by id, as they were made. */
  readonly events = new Map<string, { event: Event; profile: ProfileRef }>();
  readonly people: People;
  readonly #kernel: Kernel;
  readonly #platform: Platform;
  readonly #invariants: Invariants;
  readonly #moved = new MovedProfiles();
  readonly #unsent: Request[] = [];
  readonly #done: Request[] = [];
  #requests = 0;
  #events = 0;

  constructor(kernel: Kernel, platform: Platform, invariants: Invariants, people: People) {
    this.#kernel = kernel;
    this.#platform = platform;
    this.#invariants = invariants;
    this.people = people;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** A user or a visitor does something; some clients send it much later. */
  async act(): Promise<void> {
    const { random } = this.#kernel;
    const isKnown = random.chance(0.6);
    const profile = random.pick(isKnown ? this.people.users : this.people.visitors);
    const events = Array.from({ length: random.int(1, 3) }, () => this.#event(profile));
    const links = isKnown && random.chance(0.2) ? [random.pick(this.people.visitors)] : [];
    const made = { request: { profile, events, ...(links.length > 0 && { links }) }, isAcknowledged: false };
    this.#unsent.push(made);
    if (random.chance(0.85)) await this.#send(made);
  }

  async consent(): Promise<void> {
    const { random, now } = this.#kernel;
    const profile = random.pick(this.people.users);
    const channel = random.pick(['sms', 'push']);
    const granted = random.chance(0.6);
    const properties = { channel, purpose: 'marketing', granted };
    const event = this.#make(profile, '$consent', properties, now, 'server');
    this.#invariants.consented(profile.key, channel, granted, now, false);
    const made = { request: { profile, events: [event] }, isAcknowledged: false };
    this.#unsent.push(made);
    await this.#send(made);
  }

  /** What failed is sent again; what was acknowledged may be, too. */
  async retry(): Promise<void> {
    const { random } = this.#kernel;
    const isDone = this.#done.length > 0 && (this.#unsent.length === 0 || random.chance(0.3));
    const all = isDone ? this.#done : this.#unsent;
    if (all.length > 0) await this.#send(random.pick(all));
  }

  async retryAll(): Promise<void> {
    for (const one of [...this.#unsent]) await this.#send(one);
  }

  /** Somebody's app asks for messages; what it gets it may show. */
  async look(): Promise<void> {
    const { random } = this.#kernel;
    const profile = random.pick([...this.people.users, ...this.people.visitors]);
    const by = this.#process('look');
    await this.#kernel.run(() => {
      nextMessages(this.#deps(), this.#platform.envFor(by), profile.key, {}).then(
        (result) => {
          const [message] = result.kind === 'done' ? result.due.messages : [];
          if (!message || !random.chance(0.7)) return;
          const name = random.pick(['Message Viewed', 'Message Clicked', 'Message Dismissed']);
          const event = this.#make(profile, name, { message_id: message.id }, this.#kernel.now);
          this.#unsent.push({ request: { profile, events: [event] }, isAcknowledged: false });
        },
        () => {},
      );
    });
  }

  async changePrice(): Promise<void> {
    const { random } = this.#kernel;
    const itemId = random.pick(ITEM_IDS);
    const price = random.int(1, 20) * 1_000;
    const by = this.#process(`price ${itemId} ${price}`);
    await this.#kernel.run(() => {
      catalogStub(this.#platform.envFor(by), itemId)
        .put(itemId, { price, currency: CURRENCY, title: itemId, url: `/${itemId}` }, null)
        .catch(() => {});
    });
  }

  async tell(profile: ProfileRef, name: string, properties: JsonObject): Promise<void> {
    const event = this.#make(profile, name, properties, this.#kernel.now);
    const made = { request: { profile, events: [event] }, isAcknowledged: false };
    this.#unsent.push(made);
    await this.#send(made);
  }

  async writeItem(itemId: string, patch: ItemPatch, isLoaded = false): Promise<void> {
    const by = this.#process(`write ${itemId} ${JSON.stringify(patch)}`);
    await this.#kernel.run(() => {
      catalogStub(this.#platform.envFor(by), itemId)
        .put(itemId, patch, null, CURRENCY, isLoaded)
        .catch(() => {});
    });
  }

  async askForCount(profile: ProfileRef): Promise<void> {
    const event = this.#make(profile, 'Probe', {}, this.#kernel.now);
    const made = { request: { profile, events: [event] }, isAcknowledged: false };
    this.#unsent.push(made);
    await this.#send(made);
  }

  async #send(made: Request): Promise<void> {
    const { request } = made;
    const by = this.#process(`send ${request.profile.id} ${request.events.map((e) => e.messageId).join()}`);
    const receivedAt = this.#kernel.now;
    const now = { ...request, events: request.events.map((event) => ({ ...event, receivedAt })) };
    await this.#kernel.run(() => {
      ingest(this.#deps(), this.#platform.envFor(by), now).then(
        () => this.#acknowledged(made),
        () => {},
      );
    });
  }

  #acknowledged(made: Request): void {
    const { profile, events } = made.request;
    for (const { messageId, name, properties, timestamp } of events) {
      if (!this.#invariants.events.has(messageId)) {
        this.#kernel.fail(
          new Violation(`event ${messageId} of ${profile.id} was acknowledged and is nowhere`),
        );
      }
      if (name !== '$consent') continue;
      const { channel, granted } = properties as { channel: string; granted: boolean };
      this.#invariants.consented(profile.key, channel, granted, timestamp, true);
    }
    if (made.isAcknowledged) return;
    made.isAcknowledged = true;
    this.#unsent.splice(this.#unsent.indexOf(made), 1);
    this.#done.push(made);
  }

  #event(profile: ProfileRef): Event {
    const { random, now } = this.#kernel;
    const name = random.weighted({
      'Product Viewed': 6,
      'Product Added': 3,
      'Product Added to Wishlist': 3,
      'Product Removed from Wishlist': 1,
      'Order Completed': 2,
      Idle: 2,
    });
    const product = { product_id: random.pick(ITEM_IDS) };
    const lateMs = random.chance(0.15) ? random.int(0, 3 * HOUR_MS) : 0;
    return this.#make(profile, name, { ...product, products: [product] }, now - lateMs);
  }

  #make(
    profile: ProfileRef,
    name: string,
    properties: JsonObject,
    at: number,
    origin: Event['origin'] = 'client',
  ): Event {
    this.#events += 1;
    const messageId = `e${this.#events}`;
    const times = { timestamp: at, originalAt: at, receivedAt: this.#kernel.now };
    const event: Event = { messageId, name, ...times, origin, properties, context: {} };
    this.events.set(messageId, { event, profile });
    return event;
  }

  #deps() {
    return { profile: profileStub, moved: this.#moved };
  }

  #process(what: string) {
    this.#requests += 1;
    this.#kernel.note(`client ${what}`);
    return { name: `client ${this.#requests}`, alive: true };
  }
}
