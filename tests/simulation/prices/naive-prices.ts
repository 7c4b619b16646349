/**
 * The rules of price drops, as the contract has them (§7.7), over plain lists and with nothing of the project's own:
 *
 * - A drop is measured against the catalog's price when this user liked or added the item, else the event's. Where several
 *   relations hold, the higher of the prices at which they began.
 * - The first price seen, also in a new currency, is no drop. Another currency never matches. Every given threshold holds.
 * - A second notice needs a price lower than the lowest already notified to this user by this trigger; only relations that
 *   have begun since start over.
 * - Changes that follow each other faster than they are told count as one, from the highest price on the way: a drop that
 *   is taken back before it was told is none.
 */
export interface Rule {
  id: string;
  relations: string[];
  abs?: number;
  pct?: number;
  versus: 'price_when_related' | 'lowest_notified';
  group?: { withinMs: number; max: number };
}

/** In hundredths, so that nothing is rounded. */
interface NaivePrice {
  cents: number;
  currency: string;
}

interface NaiveRelation {
  user: string;
  item: string;
  relation: string;
  since: number;
  /** Null: neither the catalog nor the event knew one; then the item's first price counts. */
  price: NaivePrice | null;
  isRegistered: boolean;
}

interface Told {
  rule: string;
  user: string;
  item: string;
  price: NaivePrice;
  at: number;
}

interface NaiveItem {
  price: NaivePrice | null;
  first: NaivePrice | null;
  /** Since everybody had heard, oldest first; the last one is the price. */
  path: (NaivePrice | null)[];
  /** Who is to hear of the price as it is, and who has. */
  page: string[];
  heard: Set<string>;
  updatedAt: number;
  /** All prices since when. */
  log: { at: number; price: NaivePrice | null }[];
}

interface Collected {
  rule: Rule;
  user: string;
  dueAt: number;
  entries: { item: string; price: NaivePrice; reference: NaivePrice }[];
}

export interface NaiveNotice {
  user: string;
  trigger: string;
  items: string[];
}

export class NaivePrices {
  readonly notices: NaiveNotice[] = [];
  readonly #rules: Rule[];
  readonly #items = new Map<string, NaiveItem>();
  #relations: NaiveRelation[] = [];
  readonly #told: Told[] = [];
  #collected: Collected[] = [];

  constructor(rules: Rule[]) {
    this.#rules = rules;
  }

  costs(id: string, price: NaivePrice | null, updatedAt: number | null, now: number): void {
    const item = this.#item(id);
    if (updatedAt !== null && updatedAt < item.updatedAt) return;
    item.updatedAt = updatedAt ?? item.updatedAt;
    if (same(item.price, price)) return;
    item.price = price;
    item.path.push(price);
    item.log.push({ at: now, price });
    item.heard.clear();
    if (item.first === null && price !== null) {
      item.first = price;
      for (const one of this.#relations) if (one.item === id) one.price ??= price;
    }
    item.page = isDropAfter(item.path) ? this.#crossed(id) : [];
    if (item.page.length === 0) item.path = [price];
  }

  /** Whether the catalog has ever had a price of it. */
  knows(id: string): boolean {
    return this.#item(id).first !== null;
  }

  /** Whether a relation that began now would have another currency than those that hold. */
  isElsewhere(user: string, id: string, eventPrice: NaivePrice | null): boolean {
    const began = this.#priceOf(id, eventPrice);
    const own = this.#relations.filter((one) => one.user === user && one.item === id);
    return own.some(({ price }) => price !== null && began !== null && price.currency !== began.currency);
  }

  begins(user: string, id: string, relation: string, eventPrice: NaivePrice | null, now: number): void {
    if (this.#relation(user, id, relation)) return;
    const began = this.#priceOf(id, eventPrice);
    this.#relations.push({ user, item: id, relation, since: now, price: began, isRegistered: false });
  }

  ends(user: string, id: string, relation: string): void {
    const one = this.#relation(user, id, relation);
    this.#relations = this.#relations.filter((other) => other !== one);
  }

  /** The shards know of all relations; a price that has fallen between a beginning and this is told. */
  registers(now: number): void {
    const fresh = this.#relations.filter(({ isRegistered }) => !isRegistered);
    for (const one of fresh) {
      one.isRegistered = true;
      const { log } = this.#item(one.item);
      const before = log.filter(({ at }) => at <= one.since).slice(-1);
      const path = [...before, ...log.filter(({ at }) => at > one.since)].map(({ price }) => price);
      if (isDropAfter(path)) this.#hears(one.user, one.item, now);
    }
  }

  hasHeard(user: string, id: string): boolean {
    return this.#item(id).heard.has(user);
  }

  /** Everybody but `away` hears of what has changed. */
  delivers(away: string | null, now: number): void {
    for (const [id, item] of [...this.#items].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const user of item.page) {
        if (user === away || item.heard.has(user)) continue;
        item.heard.add(user);
        this.#hears(user, id, now);
      }
      if (item.page.every((user) => item.heard.has(user))) item.path = [item.price];
    }
  }

  /** Groups whose time has come are told. */
  passes(until: number): void {
    const due = this.#collected.filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt);
    for (const group of due) this.#tells(group, group.dueAt);
  }

  #crossed(id: string): string[] {
    const users = this.#relations.filter((one) => one.item === id).map(({ user }) => user);
    return [...new Set(users)].filter((user) => this.#isCrossed(user, id));
  }

  #isCrossed(user: string, id: string): boolean {
    const { price } = this.#item(id);
    return this.#relations.some(
      (one) => one.user === user && one.item === id && one.isRegistered && isLower(price, one.price),
    );
  }

  #hears(user: string, id: string, now: number): void {
    const { price } = this.#item(id);
    if (price === null) return;
    for (const rule of this.#rules) {
      const related = this.#relations.filter(
        (one) =>
          one.user === user && one.item === id && one.isRegistered && rule.relations.includes(one.relation),
      );
      const reference = this.#reference(rule, related, user, id, price);
      if (reference === null || !this.#isEnough(rule, reference, price)) continue;
      const lowest = this.#lowest(rule, related, user, id);
      if (lowest !== null && !isLower(price, lowest) && lowest.currency === price.currency) continue;
      this.#enters(rule, user, { item: id, price, reference }, now);
    }
  }

  #reference(rule: Rule, related: NaiveRelation[], user: string, id: string, price: NaivePrice) {
    const lowest = related.length > 0 ? this.#lowest(rule, related, user, id) : null;
    if (rule.versus === 'lowest_notified' && lowest?.currency === price.currency) return lowest;
    const known = related.flatMap((one) => (one.price?.currency === price.currency ? [one.price] : []));
    return known.sort((a, b) => b.cents - a.cents)[0] ?? null;
  }

  #isEnough(rule: Rule, reference: NaivePrice, price: NaivePrice): boolean {
    const fallen = reference.cents - price.cents;
    if (fallen <= 0) return false;
    if (rule.abs !== undefined && fallen < rule.abs * 100) return false;
    return rule.pct === undefined || fallen * 100 >= rule.pct * reference.cents;
  }

  #lowest(rule: Rule, related: NaiveRelation[], user: string, id: string): NaivePrice | null {
    const told = this.#told.filter((one) => one.rule === rule.id && one.user === user && one.item === id);
    const counted = told.filter(({ at }) => related.some(({ since }) => since <= at));
    return counted.map(({ price }) => price).sort((a, b) => a.cents - b.cents)[0] ?? null;
  }

  #enters(rule: Rule, user: string, entry: Collected['entries'][number], now: number): void {
    const open = this.#collected.find((one) => one.rule === rule && one.user === user);
    const group = open ?? { rule, user, dueAt: now + (rule.group?.withinMs ?? 0), entries: [] };
    if (!open) this.#collected.push(group);
    group.entries = [...group.entries.filter(({ item }) => item !== entry.item), entry]
      .sort((a, b) => b.reference.cents - b.price.cents - (a.reference.cents - a.price.cents))
      .slice(0, rule.group?.max ?? 1);
    if (!rule.group || group.entries.length >= rule.group.max) this.#tells(group, now);
  }

  #tells(group: Collected, at: number): void {
    this.#collected = this.#collected.filter((one) => one !== group);
    const { rule, user, entries } = group;
    for (const { item, price } of entries) this.#told.push({ rule: rule.id, user, item, price, at });
    const items = entries.map(
      ({ item, price, reference }) =>
        `${item} ${reference.cents / 100}>${price.cents / 100} ${price.currency}`,
    );
    this.notices.push({ user, trigger: rule.id, items });
  }

  /** The catalog's price, else the event's, else the last that the catalog had. */
  #priceOf(id: string, eventPrice: NaivePrice | null): NaivePrice | null {
    const { price, log } = this.#item(id);
    return price ?? eventPrice ?? log.findLast((one) => one.price !== null)?.price ?? null;
  }

  #relation(user: string, id: string, relation: string): NaiveRelation | undefined {
    return this.#relations.find((one) => one.user === user && one.item === id && one.relation === relation);
  }

  #item(id: string): NaiveItem {
    const known = this.#items.get(id) ?? {
      price: null,
      first: null,
      path: [null],
      page: [],
      heard: new Set(),
      log: [],
      updatedAt: Number.NEGATIVE_INFINITY,
    };
    this.#items.set(id, known);
    return known;
  }
}

function same(a: NaivePrice | null, b: NaivePrice | null): boolean {
  return a?.cents === b?.cents && a?.currency === b?.currency;
}

function isLower(a: NaivePrice | null, b: NaivePrice | null): boolean {
  return a !== null && b !== null && a.currency === b.currency && a.cents < b.cents;
}

/** Whether the last price is lower than the highest before it, as far back as they can be compared. */
function isDropAfter(path: (NaivePrice | null)[]): boolean {
  const last = path.at(-1) ?? null;
  for (let at = path.length - 2; at >= 0; at--) {
    const before = path[at] ?? null;
    if (before === null || before.currency !== last?.currency) return false;
    if (isLower(last, before)) return true;
  }
  return false;
}
