/**
 * A shop, some users and a queue, in memory: the catalog's and the watcher shards' own objects on real SQLite, the fan-out's
 * consumer, and profiles that live on the functions that serve live traffic. Nothing fails here but what a test makes
 * fail; time passes only by `pass`.
 */
import type { Env } from '../../../src/bindings.ts';
import { CatalogObject } from '../../../src/catalog/catalog-object.ts';
import { WatcherObject } from '../../../src/catalog/watcher-object.ts';
import type { Config } from '../../../src/engine/config.ts';
import { applyDelta } from '../../../src/engine/delta.ts';
import type { Event, JsonObject, OutboxEntry } from '../../../src/engine/vocabulary.ts';
import { consumeFanout } from '../../../src/fanout/fanout-consumer.ts';
import { offer } from '../../../src/profiles/offer.ts';
import { checkItemWrite } from '../../../src/protocol/item-schema.ts';
import type { FanoutMessage } from '../../../src/protocol/queue-messages.ts';
import { catalogStub, firstTopicShard, firstWatcherShard } from '../../../src/protocol/stubs.ts';
import { SimulatedProfile, type Surroundings } from '../../../src/simulate/simulated-profile.ts';
import type { Kernel } from '../harness/kernel.ts';
import { PLATFORM } from '../harness/kernel.ts';
import { SimD1 } from '../harness/sim-d1.ts';
import { SimStorage } from '../harness/sim-storage.ts';

/** One message, as it leaves. */
export interface Notice {
  user: string;
  trigger: string;
  /** What the template would see of each item: its id and prices, `reference>price currency`. */
  items: string[];
}

const START_AT = Date.UTC(2027, 2, 1);

/** D1 has nothing to say to a shard but which news are listened to; without a kernel it answers at once. */
const d1 = new SimD1();
const DB = d1.bindingFor(
  PLATFORM,
  { ask: async (_: string, __: unknown, effect: () => unknown) => effect() } as unknown as Kernel,
  () => 'done',
);

interface Awake {
  storage: SimStorage;
  instance: CatalogObject | WatcherObject;
}

export class PriceWorld implements Surroundings {
  readonly config: Config;
  now = START_AT;
  readonly notices: Notice[] = [];
  /** Orders that users' clients have set off, and nobody has carried yet. */
  readonly #orders: { profile: SimulatedProfile; entry: OutboxEntry }[] = [];
  #pages: FanoutMessage[] = [];
  readonly #profiles = new Map<string, SimulatedProfile>();
  readonly #objects = new Map<string, Awake>();
  readonly #env: Env;
  #events = 0;

  constructor(config: Config) {
    this.config = config;
    const watchers = { getByName: (name: string) => this.#object(name, WatcherObject) };
    const sendBatch = async (messages: Iterable<{ body: FanoutMessage }>) => {
      for (const { body } of messages) this.#pages.push(body);
    };
    this.#env = {
      ENVIRONMENT: 'development',
      DB,
      WATCHERS: watchers,
      CATALOG: { getByName: (name: string) => this.#object(name, CatalogObject) },
      FANOUT: { sendBatch },
    } as unknown as Env;
  }

  close(): void {
    for (const { storage } of this.#objects.values()) storage.close();
  }

  /** What `recheck` and recommendations ask; no trigger here has either. */
  get catalog() {
    const read = (itemId: string) => catalogStub(this.#env, itemId).read(itemId);
    return { read, list: () => [], note: () => {} };
  }

  /** As the items' route takes it. */
  async put(itemId: string, body: JsonObject): Promise<void> {
    const checked = checkItemWrite(body, this.now);
    if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.issues));
    const { patch, updatedAt } = checked.document;
    await catalogStub(this.#env, itemId).put(itemId, patch, updatedAt);
  }

  async does(user: string, event: string, properties: JsonObject): Promise<void> {
    this.#events += 1;
    const made: Event = {
      messageId: `e${this.#events}`,
      name: event,
      timestamp: this.now,
      originalAt: this.now,
      receivedAt: this.now,
      origin: 'client',
      properties,
      context: {},
    };
    await this.profile(user).answers.ingest({
      profile: { kind: 'user', id: user, key: user },
      events: [made],
    });
  }

  /** All orders reach their shards, and what the answers set off. */
  async register(): Promise<void> {
    for (let next = this.#orders.shift(); next; next = this.#orders.shift()) {
      const { profile, entry } = next;
      await offer(profile.key, [entry], {
        dispatch: { sendBatch: refuse },
        facts: { sendBatch: refuse },
        watchers: (shard) => this.#object(shard, WatcherObject) as WatcherObject,
        firstShard: firstWatcherShard,
        firstTopicShard,
        profile: () => ({ releaseFrozen: refuse }),
        watched: (answered, result) => profile.answers.outbox.watched(answered, result),
        followed: refuse,
        released: refuse,
      });
    }
  }

  /** Everything in the queue is consumed, item by item; who is away from an item's page can't be reached, and it comes again. */
  async deliver(isAway: (user: string, itemId: string) => boolean): Promise<void> {
    const pages = this.#pages.sort((a, b) => (itemOf(a) < itemOf(b) ? -1 : Number(itemOf(a) > itemOf(b))));
    this.#pages = [];
    for (const body of pages) {
      const message = { body, attempts: 1, ack: () => {}, retry: () => void this.#pages.push(body) };
      await consumeFanout({ messages: [message] } as unknown as MessageBatch<FanoutMessage>, {
        now: () => this.now,
        watchers: (shard) => this.#object(shard, WatcherObject) as WatcherObject,
        scheduler: () => ({ owesPage: refuse, settlePage: refuse }),
        pause: () => Promise.resolve(),
        profile: (key) =>
          isAway(key, itemOf(body))
            ? { ingest: () => Promise.reject(new Error('away')) }
            : this.profile(key).answers,
      });
    }
  }

  /** Timers of profiles and alarms of shards that are due by then come in their order. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      const wakes = [...this.#profiles.values()].map((one) => ({
        at: one.wakeAt,
        ring: () => one.answers.wake(),
      }));
      const alarms = [...this.#objects.values()].map((one) => ({
        at: one.storage.committedAlarm,
        ring: async () => {
          one.storage.clearAlarm();
          await one.instance.alarm();
          one.storage.commit();
        },
      }));
      const due = [...wakes, ...alarms]
        .filter(({ at }) => at !== null && at <= until)
        .sort((a, b) => Number(a.at) - Number(b.at))[0];
      if (!due) break;
      this.now = Math.max(this.now, Number(due.at));
      await due.ring();
    }
    this.now = until;
  }

  profile(key: string): SimulatedProfile {
    const known = this.#profiles.get(key) ?? new SimulatedProfile(key, this);
    this.#profiles.set(key, known);
    return known;
  }

  explained(): void {}

  turned(profile: SimulatedProfile, effects: OutboxEntry[]): void {
    const store = profile.store();
    for (const entry of effects) {
      if (entry.kind === 'watch') this.#orders.push({ profile, entry });
      else if (store) applyDelta(store.state, [['outbox', entry.id, null]]);
      if (entry.kind === 'message') this.notices.push(noticeOf(profile.key, entry.input));
    }
  }

  #object(name: string, of: typeof CatalogObject | typeof WatcherObject): CatalogObject | WatcherObject {
    const known = this.#objects.get(name);
    if (known) return known.instance;
    const storage = new SimStorage({ sync: async () => {} });
    const context = {
      storage,
      id: { name },
      waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
    };
    const instance = new of(context as never, this.#env);
    // Each call is a commit of its own.
    const committing = new Proxy(instance, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          try {
            return await Reflect.apply(value, target, structuredClone(args));
          } finally {
            storage.commit();
          }
        };
      },
    });
    this.#objects.set(name, { storage, instance: committing });
    return committing;
  }
}

const itemOf = (page: FanoutMessage) => (page.kind === 'page' ? page.change.item.id : '');
const refuse = () => Promise.reject(new Error('nothing of the kind leaves here'));

function noticeOf(user: string, { trigger, values }: { trigger: string; values: JsonObject }): Notice {
  const { item, entry } = values as unknown as {
    item?: { id: string; price?: number; currency?: string };
    entry: { referencePrice?: number; items?: NoticedItem[] };
  };
  const one = item && { ...item, referencePrice: entry.referencePrice ?? null };
  return { user, trigger, items: (entry.items ?? (one ? [one] : [])).map(textOf) };
}

interface NoticedItem {
  id: string;
  price?: number;
  currency?: string;
  referencePrice: number | null;
}

function textOf({ id, price, currency, referencePrice }: NoticedItem): string {
  return `${id} ${referencePrice}>${price} ${currency}`;
}
