/**
 * People who follow topics, and shops that bring new items and change prices, in lives that are played for it; beside them a
 * naive account of who has to hear of what, kept from what objects have committed.
 */
import type { ItemSnapshot } from '../../../src/engine/vocabulary.ts';
import type { Clients } from './clients.ts';
import { Violation } from './invariants.ts';
import type { Kernel } from './kernel.ts';
import type { Commit, Shadow } from './shadow.ts';
import type { SimObject } from './sim-object.ts';

const HOUR_MS = 3_600_000;
const BRANDS = ['b0', 'b1'];
const KEYWORDS = ['k0', 'k1', 'k2'];

interface NewItem {
  id: string;
  topics: string[];
  isLoaded: boolean;
  changedAt: number;
  /** Who followed one of its topics then, and was registered. */
  followers: Set<string>;
}

export class Topics {
  readonly #kernel: Kernel;
  readonly #clients: Clients;
  readonly #shadows: Map<string, Shadow>;
  readonly #items = new Map<string, NewItem>();
  /** Profile → the topics that it follows; and all that it ever has. */
  readonly #followed = new Map<string, Set<string>>();
  readonly #ever = new Map<string, Set<string>>();
  /** `profile item` → when it was told that the item is new, and whether that was in time. */
  readonly #heard = new Map<string, { inTime: boolean }>();
  /** `profile item`: it left a topic of the item after that had come. */
  readonly #left = new Set<string>();
  /** Message id → the item. */
  readonly #messages = new Map<string, { profile: string; item: string }>();
  #count = 0;

  constructor(kernel: Kernel, clients: Clients, shadows: Map<string, Shadow>) {
    this.#kernel = kernel;
    this.#clients = clients;
    this.#shadows = shadows;
  }

  async follow(): Promise<void> {
    const { random } = this.#kernel;
    const { users, visitors } = this.#clients.people;
    const profile = random.pick([...users, ...visitors]);
    const [type, value] = random.pick([
      ...BRANDS.map((one) => ['brand', one] as const),
      ...KEYWORDS.map((one) => ['keyword', one] as const),
    ]);
    const name = random.chance(0.7) ? 'Topic Followed' : 'Topic Unfollowed';
    await this.#clients.tell(profile, name, { type, value });
  }

  async write(): Promise<void> {
    const { random } = this.#kernel;
    const price = random.int(1, 9) * 1_000;
    if (this.#count > 0 && random.chance(0.5)) {
      await this.#clients.writeItem(`n${random.int(1, this.#count)}`, { price });
      return;
    }
    this.#count += 1;
    const keywords = KEYWORDS.filter(() => random.chance(0.4));
    const isLoaded = random.chance(0.2);
    const brand = random.pick([...BRANDS, undefined]);
    const attributes = { keywords, isLoaded };
    const patch = { price, currency: 'KRW', attributes, ...(brand !== undefined && { brand }) };
    await this.#clients.writeItem(`n${this.#count}`, patch, isLoaded);
  }

  /** After a commit of a catalog's shard. */
  wrote({ name, storage }: SimObject): void {
    // It counts what is popular, and holds no items.
    if (name === 'catalog-popular') return;
    for (const { id, body } of storage.peek("SELECT id, body FROM items WHERE id LIKE 'n%'")) {
      const { item, changedAt } = JSON.parse(body as string) as { item: ItemSnapshot; changedAt: number };
      if (this.#items.has(String(id)) || !item) continue;
      const topics = [
        ...(item.brand === undefined ? [] : [`brand:${item.brand}`]),
        ...((item.attributes?.keywords ?? []) as string[]).map((one) => `keyword:${one}`),
      ];
      const followers = [...this.#shadows.values()]
        .filter(({ key, outbox, movedTo }) => {
          const isRegistered = (topic: string) =>
            this.#followed.get(key)?.has(topic) && !outbox.has(`follow:${topic}`);
          return !movedTo && topics.some(isRegistered);
        })
        .map(({ key }) => key);
      const isLoaded = item.attributes?.isLoaded === true;
      this.#items.set(String(id), {
        id: String(id),
        topics,
        isLoaded,
        changedAt,
        followers: new Set(followers),
      });
    }
  }

  committed({ shadow: { key }, at, delta, events, messages }: Commit): void {
    for (const [section, topic, value] of delta) {
      if (section === 'topics') this.#noteFollow(key, topic, (value as { on: boolean } | null)?.on ?? false);
    }
    for (const { messageId, name, timestamp, properties } of events) {
      if (name !== '$topic' || !messageId.includes(':new:')) continue;
      this.#heard.set(`${key} ${properties.product_id}`, { inTime: at - timestamp < HOUR_MS });
    }
    for (const { id, before, after } of messages) {
      if (before || after?.input.trigger !== 'fresh') continue;
      const [item] = JSON.parse(after.key) as [string];
      // It may move along with a merge.
      if (!this.#messages.has(id)) this.#messages.set(id, { profile: key, item });
    }
  }

  checkEnd(objects: Iterable<SimObject>): void {
    for (const item of this.#items.values()) this.#checkItem(item);
    for (const { kind, label, storage } of objects) {
      if (kind !== 'WATCHERS') continue;
      for (const table of ['walks', 'topic_pages']) {
        const exists = storage.peek('SELECT 1 FROM sqlite_master WHERE name = ?', table).length > 0;
        if (exists && storage.peek(`SELECT 1 FROM ${table}`).length > 0)
          throw new Violation(`${label} still has ${table}`);
      }
    }
  }

  #noteFollow(key: string, topic: string, isFollowed: boolean): void {
    const followed = this.#followed.get(key) ?? new Set();
    const ever = this.#ever.get(key) ?? new Set();
    this.#followed.set(key, followed);
    this.#ever.set(key, ever.add(topic));
    if (isFollowed) followed.add(topic);
    else followed.delete(topic);
    if (isFollowed) return;
    for (const item of this.#items.values()) {
      if (item.topics.includes(topic)) this.#left.add(`${this.#ownerOf(key)} ${item.id}`);
    }
  }

  #checkItem({ id, topics, isLoaded, followers }: NewItem): void {
    for (const follower of followers) {
      const owner = this.#ownerOf(follower);
      // Who has left since is told, or isn't.
      if (isLoaded || this.#left.has(`${owner} ${id}`)) continue;
      if (!this.#aliasesOf(owner).some((key) => this.#heard.has(`${key} ${id}`))) {
        throw new Violation(`${follower} followed ${topics.join()} and never heard of ${id}`);
      }
    }
    for (const key of this.#shadows.keys()) {
      const aliases = this.#aliasesOf(key);
      const heard = this.#heard.get(`${key} ${id}`);
      if (heard && isLoaded) throw new Violation(`${key} heard of ${id}, which was only loaded`);
      const isConcerned = aliases.some((one) => topics.some((topic) => this.#ever.get(one)?.has(topic)));
      if (heard && !isConcerned)
        throw new Violation(`${key} heard of ${id} and never followed ${topics.join()}`);
      this.#checkMessages(key, id, heard?.inTime === true && followers.has(key));
    }
  }

  /** Once at most; and not less, where it heard in time and still follows. */
  #checkMessages(key: string, item: string, mustBeSent: boolean): void {
    const aliases = this.#aliasesOf(key);
    const sent = [...this.#messages].filter(
      ([, message]) => message.item === item && aliases.includes(message.profile),
    );
    // A visitor and the user that it becomes later may each have been told.
    const own = sent.filter(([, message]) => message.profile === key).length;
    if (own > 1) throw new Violation(`${key} was told ${own} times that ${item} is new`);
    if (mustBeSent && sent.length === 0 && !this.#left.has(`${this.#ownerOf(key)} ${item}`)) {
      throw new Violation(`${key} heard in time that ${item} is new, and was not told`);
    }
  }

  #ownerOf(key: string): string {
    const moved = this.#shadows.get(key)?.movedTo;
    return moved ? this.#ownerOf(moved.key) : key;
  }

  /** It, and the visitors that have become it. */
  #aliasesOf(key: string): string[] {
    return [...this.#shadows.keys()].filter((one) => one === key || this.#ownerOf(one) === key);
  }
}
