/** What the simulated workspace has published, and how it changes while people live with it. */
import { DEFAULT_POLICIES } from '../../../src/engine/documents.ts';
import type { JsonObject } from '../../../src/engine/vocabulary.ts';
import type { Faults } from './faults.ts';
import type { Kernel } from './kernel.ts';
import type { SimD1 } from './sim-d1.ts';

const HOUR_MS = 3_600_000;
export const CAP = { count: 2, windowMs: 24 * HOUR_MS };
export const HELLO_COOLDOWN_MS = HOUR_MS;
export const ITEM_IDS = ['i0', 'i1', 'i2'];
const TRIGGER_IDS = ['hello', 'promo', 'nudge', 'drop', 'card', 'silence', 'probe'] as const;

const transactional = { category: 'transactional', transactionalReason: 'a simulation' };
const send = (...channels: string[]) => ({ id: 'send', send: { channels, template: 't' } });

/** In every other life: the decision has to wait for the catalog's lists, whatever happens meanwhile. */
const RECOMMENDING: Record<string, JsonObject[]> = {
  nudge: [{ id: 'pause', wait: '10m' }, recommends('push')],
  card: [recommends('in_app')],
};

function recommends(channel: string): JsonObject {
  return { id: 'send', send: { channels: [channel], template: 't', recommend: { from: 'last_viewed' } } };
}

const TEMPLATE: JsonObject = {
  id: 't',
  defaultLocale: 'ko',
  locales: {
    ko: {
      in_app: { layout: 'modal', title: '{{event.name}}{{#recommendations}} {{title}}{{/recommendations}}' },
      push: { title: '{{event.name}}', body: '{{user.id}}' },
      sms: { text: '{{event.name}}' },
      webhook: { data: { name: '{{event.name}}', price: '{{item.price}}', id: '{{message.id}}' } },
    },
  },
};

const EXPORTING: JsonObject = { ...DEFAULT_POLICIES.workspace, exportDecisions: true };

const POLICIES: JsonObject[] = [
  { id: 'caps', rules: [{ count: CAP.count, window: { last: '24h' }, channel: 'sms' }] },
  {
    id: 'law',
    jurisdiction: 'KR',
    inApp: false,
    sender: { name: '가게', phone: '02-1', address: '서울', optOut080: '080-1' },
  },
];

const TRIGGERS: Record<(typeof TRIGGER_IDS)[number], JsonObject> = {
  hello: {
    ...transactional,
    entry: { on: [{ event: 'Product Viewed' }] },
    reeligibility: { mode: 'cooldown', after: '1h' },
    steps: [send('webhook')],
    goals: [{ id: 'bought', on: { event: 'Order Completed' }, within: '1d' }],
  },
  promo: {
    category: 'marketing',
    entry: { on: [{ event: 'Product Viewed' }], if: { did: 'Product Viewed', count: { gte: 2 } } },
    reeligibility: { mode: 'always' },
    steps: [send('sms')],
  },
  nudge: {
    category: 'marketing',
    entry: { on: [{ event: 'Product Added' }] },
    reeligibility: { mode: 'always' },
    exit: [{ on: { event: 'Order Completed' } }],
    steps: [{ id: 'pause', wait: '10m' }, send('push')],
  },
  drop: {
    ...transactional,
    entry: { on: [{ item: 'price_drop', relation: ['liked', 'in_cart'] }], key: ['item.id'] },
    reeligibility: { mode: 'always' },
    steps: [send('webhook')],
  },
  card: {
    ...transactional,
    entry: { on: [{ event: 'Product Added' }] },
    reeligibility: { mode: 'always' },
    steps: [send('in_app')],
    delivery: { expireAfter: '20m' },
  },
  silence: {
    ...transactional,
    entry: { on: [{ inactive: '6h' }] },
    reeligibility: { mode: 'always' },
    steps: [send('webhook')],
  },
  /** Answers with its count, and with nothing else. */
  probe: {
    ...transactional,
    entry: {
      on: [{ event: 'Probe' }],
      if: { did: 'Product Viewed', count: { gte: 1_000_000 }, window: { last: '24h' } },
    },
    reeligibility: { mode: 'always' },
    steps: [send('webhook')],
  },
};

export class Documents {
  readonly #d1: SimD1;
  readonly #kernel: Kernel;
  readonly #faults: Faults;
  #head = 0;
  readonly #versions = new Map<string, number>();
  /** Since when a trigger is paused, or everything is stopped. */
  readonly #pausedSince = new Map<string, number>();
  #stoppedSince: number | null = null;
  #outageEndedAt = Number.NEGATIVE_INFINITY;

  readonly #recommends: boolean;
  readonly exportsDecisions: boolean;

  constructor(
    d1: SimD1,
    kernel: Kernel,
    faults: Faults,
    { recommends, exportsDecisions }: { recommends: boolean; exportsDecisions: boolean },
  ) {
    this.#recommends = recommends;
    this.exportsDecisions = exportsDecisions;
    this.#d1 = d1;
    this.#kernel = kernel;
    this.#faults = faults;
    d1.reset();
    this.#put('template', 't', TEMPLATE);
    if (exportsDecisions) this.#put('policy', 'workspace', EXPORTING);
    for (const policy of POLICIES) this.#put('policy', policy.id as string, policy);
    for (const id of TRIGGER_IDS) this.#put('trigger', id, this.#triggerOf(id));
  }

  #triggerOf(id: (typeof TRIGGER_IDS)[number]): JsonObject {
    const steps = this.#recommends ? RECOMMENDING[id] : undefined;
    return { id, ...TRIGGERS[id], ...(steps && { steps }) };
  }

  /** A recurring broadcast, in some lives only: it asks every shard of the registry. */
  addBroadcast(at: number): void {
    this.#put('trigger', 'news', {
      id: 'news',
      ...transactional,
      entry: { on: [{ at: new Date(at).toISOString() }] },
      reeligibility: { mode: 'always' },
      steps: [send('webhook')],
    });
  }

  /** In lives that are about them. */
  addTopics(): void {
    const trigger = {
      ...transactional,
      reeligibility: { mode: 'always', per: 'key' },
      steps: [send('webhook')],
    };
    this.#put('trigger', 'fresh', {
      ...trigger,
      id: 'fresh',
      entry: {
        on: [
          { topic: 'brand', change: 'new_item' },
          { topic: 'keyword', change: 'new_item' },
        ],
        key: ['item.id'],
      },
    });
    this.#put('trigger', 'cheap', {
      ...trigger,
      id: 'cheap',
      entry: { on: [{ topic: 'keyword', change: 'price_drop' }], key: ['item.id'] },
    });
  }

  /** A marketer does something, where D1 can be reached. */
  change(): void {
    const { random, now } = this.#kernel;
    if (now < this.#faults.d1OutUntil) return;
    const id = random.pick(TRIGGER_IDS.filter((one) => one !== 'probe'));
    const what = random.weighted({ pause: 3, resume: 5, version: 2, stop: 1 });
    this.#kernel.note(`config ${what} ${id}`);
    if (what === 'pause') this.#setState(id, 'paused');
    if (what === 'resume') {
      this.#setState(id, 'live');
      this.#setStopped(false);
    }
    if (what === 'version') this.#put('trigger', id, { ...this.#triggerOf(id), name: `changed at ${now}` });
    if (what === 'stop') this.#setStopped(true);
  }

  resumeAll(): void {
    this.#setStopped(false);
    for (const id of TRIGGER_IDS) this.#setState(id, 'live');
  }

  /** D1 answers nobody for some time; nobody can change anything meanwhile. */
  breakD1(forMs: number): void {
    this.#faults.d1OutUntil = this.#kernel.now + forMs;
    this.#outageEndedAt = this.#faults.d1OutUntil;
  }

  /** Since when nothing of a trigger may leave any more; null where it may. */
  closedSince(trigger: string): number | null {
    const paused = this.#pausedSince.get(trigger) ?? null;
    const since = Math.min(paused ?? Infinity, this.#stoppedSince ?? Infinity);
    return since === Infinity ? null : Math.max(since, Math.min(this.#outageEndedAt, this.#kernel.now));
  }

  #put(kind: string, id: string, document: JsonObject): void {
    const key = `${kind}/${id}`;
    const version = (this.#versions.get(key) ?? 0) + 1;
    this.#versions.set(key, version);
    this.#head += 1;
    const { now } = this.#kernel;
    this.#d1.run(
      'INSERT INTO document_versions (kind, id, version, body, etag, created_at, author) VALUES (?, ?, ?, ?, ?, ?, ?)',
      kind,
      id,
      version,
      JSON.stringify(document),
      key,
      now,
      'a marketer',
    );
    this.#d1.run(
      `INSERT INTO documents (kind, id, state, live_version, last_version, activated_at, changed_at, created_head,
         changed_head) VALUES (?1, ?2, 'live', ?3, ?3, ?4, ?4, ?5, ?5)
       ON CONFLICT DO UPDATE SET live_version = ?3, last_version = ?3, state = 'live', changed_head = ?5`,
      kind,
      id,
      version,
      now,
      this.#head,
    );
    if (kind === 'trigger') this.#pausedSince.delete(id);
    this.#publish();
  }

  #setState(id: string, state: 'live' | 'paused'): void {
    if (state === 'live') this.#pausedSince.delete(id);
    else if (!this.#pausedSince.has(id)) this.#pausedSince.set(id, this.#kernel.now);
    this.#head += 1;
    this.#d1.run('UPDATE documents SET state = ?, changed_head = ? WHERE id = ?', state, this.#head, id);
    this.#publish();
  }

  #setStopped(isStopped: boolean): void {
    if (isStopped === (this.#stoppedSince !== null)) return;
    this.#stoppedSince = isStopped ? this.#kernel.now : null;
    this.#head += 1;
    this.#d1.run('UPDATE config_head SET stopped = ?', Number(isStopped));
    this.#publish();
  }

  #publish(): void {
    this.#d1.run('UPDATE config_head SET version = ?', this.#head);
  }
}
