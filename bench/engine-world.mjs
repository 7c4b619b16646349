/**
 * The rules and events of the engine's benchmark. Every rule listens to the same event and differs from the others in
 * one constant: `event = Price Dropped AND category = c<i> AND price < 25`. Half of them say the category in `where`, half in `if`.
 */

export const EVENT = 'Price Dropped';
export const NOW = Date.UTC(2026, 10, 24, 3);

const TEMPLATE = {
  id: 'hello',
  defaultLocale: 'ko',
  locales: {
    ko: { in_app: { layout: 'modal', title: 'Now {{event.properties.price}}', body: 'For {{user.id}}' } },
  },
};

export function ruleOf(i) {
  const category = { field: 'event.properties.category', op: 'eq', value: `c${i}` };
  const price = { field: 'event.properties.price', op: 'lt', value: 25 };
  const entry =
    i % 2 === 0
      ? { on: [{ event: EVENT, where: category }], if: price }
      : { on: [{ event: EVENT }], if: { all: [category, price] } };
  return {
    id: `rule-${i}`,
    category: 'transactional',
    priority: i % 100,
    tags: ['price'],
    entry,
    reeligibility: { mode: 'always' },
    exit: [{ on: { event: 'Order Completed' } }],
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hello' } }],
    goals: [{ id: 'order', on: { event: 'Order Completed' }, within: '7d' }],
  };
}

/** As the store hands documents over. A head and objects of its own for each call, so that nothing is compiled yet. */
export function documentsOf(triggers, head = 1) {
  return {
    head,
    stopped: false,
    policies: {},
    triggers: JSON.parse(JSON.stringify(triggers)).map((document, i) => ({
      document,
      version: 1,
      state: 'live',
      activatedAt: i,
    })),
    templates: [{ document: TEMPLATE, version: 1 }],
    segments: [],
    lookups: [],
    channels: [],
    logsByDefault: true,
  };
}

export function rules(count) {
  return Array.from({ length: count }, (_, i) => ruleOf(i));
}

export function eventOf(name, serial, properties, at = NOW) {
  return {
    messageId: `m-${serial}`,
    name,
    timestamp: at,
    receivedAt: at,
    originalAt: at,
    origin: 'client',
    properties,
    context: { page: { path: '/p/1' } },
  };
}

/** As many ids as an object keeps in memory. */
const RING_IDS = 4_096;

/** A history in memory, for what an object has there or reads from SQLite. */
export class MemoryHistory {
  #ids = new Set();
  #byName = new Map();

  add(event) {
    this.#ids.add(event.messageId);
    if (this.#ids.size > RING_IDS) this.#ids.delete(this.#ids.values().next().value);
    const events = this.#byName.get(event.name) ?? [];
    events.push(event);
    this.#byName.set(event.name, events);
  }

  has(messageId) {
    return this.#ids.has(messageId);
  }

  /** Events come in order here. */
  recent(name, afterAt, limit) {
    const found = [];
    const events = this.#byName.get(name) ?? [];
    for (let i = events.length - 1; i >= 0 && found.length < limit && events[i].timestamp > afterAt; i--) {
      found.push(events[i]);
    }
    return found;
  }

  ownInstants(afterAt, limit) {
    return [...this.#byName.values()]
      .flat()
      .map(({ timestamp }) => timestamp)
      .filter((at) => at > afterAt)
      .sort((a, b) => b - a)
      .slice(0, limit);
  }
}
