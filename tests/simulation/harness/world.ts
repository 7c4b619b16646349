/**
 * A seed's life: so many steps of people, shops, marketers, queues, alarms and faults, then nothing goes wrong any more
 * and time passes until all that is due has been done. The same seed gives the same life, to the last operation.
 */
import { dropConfig, loadConfig } from '../../../src/store/config-cache.ts';
import { BUGS } from './bugs.ts';
import { Clients, type People } from './clients.ts';
import { Consumers } from './consumers.ts';
import { Documents } from './documents.ts';
import { Faults } from './faults.ts';
import { Invariants, Violation } from './invariants.ts';
import { Kernel, PLATFORM } from './kernel.ts';
import { checkEnd } from './oracle.ts';
import { Platform } from './platform.ts';
import { Random } from './random.ts';
import { Shadow } from './shadow.ts';
import type { SimD1 } from './sim-d1.ts';
import type { SimObject } from './sim-object.ts';
import { Topics } from './topics.ts';

const START_AT = Date.UTC(2027, 2, 1);
const HOUR_MS = 3_600_000;
/** An operation waits no longer than this while time passes. */
const LONGEST_CALL_MS = 4_000;
/** After an alarm that failed. */
const ALARM_AGAIN_MS = 30_000;
const HORIZON_MS = 36 * HOUR_MS;
const MOST_ROUNDS_TO_REST = 20_000;

export interface SeedOptions {
  seed: number;
  steps: number;
  /** People follow topics, too; nobody changes the configuration meanwhile. */
  topics?: true;
  /** Of `BUGS`. */
  bug?: string;
  /** So many of the newest lines of what happened are kept. */
  keptLines?: number;
}

export interface SeedResult {
  traceHash: string;
  failure: string | null;
  trace: string[];
}

export interface Shared {
  d1: SimD1;
  people: People;
}

export async function playSeed(options: SeedOptions, shared: Shared): Promise<SeedResult> {
  const realNow = Date.now;
  const world = new World(options, shared);
  Date.now = () => world.kernel.now;
  try {
    await world.play(options.steps);
    return { traceHash: world.kernel.traceHash, failure: null, trace: world.kernel.trace };
  } catch (error) {
    const failure = error instanceof Violation ? error.message : String((error as Error).stack);
    return { traceHash: world.kernel.traceHash, failure, trace: world.kernel.trace };
  } finally {
    Date.now = realNow;
    world.platform.close();
  }
}

export class World {
  readonly kernel: Kernel;
  readonly faults: Faults;
  readonly documents: Documents;
  readonly platform: Platform;
  readonly invariants: Invariants;
  readonly clients: Clients;
  readonly consumers: Consumers;
  readonly shadows = new Map<string, Shadow>();
  /** `item version` → its price then. */
  readonly prices = new Map<string, number>();
  readonly d1: SimD1;
  readonly topics: Topics | null;

  constructor({ seed, keptLines = 0, bug: bugName, topics }: SeedOptions, { d1, people }: Shared) {
    const random = new Random(seed);
    const bug = bugName === undefined ? null : (BUGS[bugName] ?? null);
    this.d1 = d1;
    this.kernel = new Kernel(random, START_AT + random.int(0, 23) * HOUR_MS, keptLines);
    this.faults = new Faults(random);
    this.documents = new Documents(d1, this.kernel, this.faults, {
      recommends: seed % 2 === 0,
      exportsDecisions: seed % 7 < 2,
    });
    if (random.chance(0.1)) this.documents.addBroadcast(this.kernel.now + 2 * HOUR_MS);
    this.invariants = new Invariants(this.kernel, this.documents);
    this.platform = new Platform({
      kernel: this.kernel,
      faults: this.faults,
      d1,
      bug,
      committed: (object) => this.#committed(object),
    });
    this.clients = new Clients(this.kernel, this.platform, this.invariants, people);
    if (topics) this.documents.addTopics();
    this.topics = topics ? new Topics(this.kernel, this.clients, this.shadows) : null;
    this.consumers = new Consumers(this.kernel, this.platform, this.faults, this.invariants, bug);
  }

  async play(steps: number): Promise<void> {
    await this.#begin();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#rest();
    await checkEnd(this);
    this.topics?.checkEnd(this.platform.objects.values());
  }

  /** The isolate has read the configuration of this world, and remembers none of another. */
  async #begin(): Promise<void> {
    dropConfig();
    await this.kernel.prepare(() => void loadConfig(this.platform.envFor(PLATFORM)));
  }

  async #step(): Promise<void> {
    const { random } = this.kernel;
    const what = random.weighted({
      act: 16,
      retry: 4,
      consent: 4,
      look: 3,
      price: 5,
      config: this.topics ? 0 : 0.6,
      deliver: 14,
      ring: 10,
      time: 18,
      crash: 1,
      crashConsumer: 1,
      outage: 0.15,
      loseAlarm: 0.2,
      poison: 0.3,
      follow: this.topics ? 10 : 0,
      write: this.topics ? 8 : 0,
    });
    await this.#do(what);
    for (let i = random.int(0, 12); i > 0; i--) if (!(await this.kernel.step())) break;
  }

  async #do(what: string): Promise<void> {
    switch (what) {
      case 'act':
        return this.clients.act();
      case 'retry':
        return this.clients.retry();
      case 'consent':
        return this.clients.consent();
      case 'look':
        return this.clients.look();
      case 'price':
        return this.clients.changePrice();
      case 'config':
        return this.documents.change();
      case 'deliver':
        return this.#deliver();
      case 'ring':
        return this.#ringOne();
      case 'time':
        return this.#passTime();
      case 'crash':
        return this.#crashOne();
      case 'crashConsumer':
        return this.consumers.crash();
      case 'outage':
        return this.documents.breakD1(this.kernel.random.int(1, 120) * 1_000);
      case 'follow':
        return this.topics?.follow();
      case 'write':
        return this.topics?.write();
      case 'loseAlarm':
        return this.#loseAlarm();
      default:
        return this.#poisonOne();
    }
  }

  async #deliver(): Promise<void> {
    const { dispatch, facts, fanout } = this.platform.queues;
    await this.consumers.deliver(this.kernel.random.pick([dispatch, dispatch, facts, fanout]));
  }

  async #ringOne(): Promise<void> {
    const due = this.#dueObjects();
    if (due.length > 0) await this.platform.ring(this.kernel.random.pick(due));
  }

  #dueObjects(): SimObject[] {
    const { now } = this.kernel;
    return [...this.platform.objects.values()].filter(({ ringsAt }) => ringsAt !== null && ringsAt <= now);
  }

  async #passTime(): Promise<void> {
    const { random } = this.kernel;
    const ms = random.pick([1, 50, 1_000, 5_000, 31_000, 31_000, 61_000, 600_000, HOUR_MS, 4 * HOUR_MS]);
    if (this.kernel.now + ms - this.kernel.oldestAskedAt > LONGEST_CALL_MS) await this.kernel.drain();
    this.kernel.now += ms;
    this.kernel.note(`time ${ms}`);
  }

  #crashOne(): void {
    const awake = [...this.platform.objects.values()].filter(({ process }) => process !== null);
    if (awake.length > 0) this.platform.crash(this.kernel.random.pick(awake), true);
  }

  /** The platform forgets one, as it has been seen to do; the next wake is to notice. */
  #loseAlarm(): void {
    const { random } = this.kernel;
    const armed = [...this.platform.objects.values()].filter(
      ({ kind, storage, isRinging }) => kind === 'PROFILE' && storage.committedAlarm !== null && !isRinging,
    );
    if (armed.length === 0) return;
    const object = random.pick(armed);
    this.platform.crash(object, true);
    object.storage.clearAlarm();
    object.lostAlarm = true;
    this.kernel.note(`lost alarm of ${object.label}`);
  }

  #poisonOne(): void {
    const { random } = this.kernel;
    const objects = [...this.platform.objects.values()].filter(({ ringsAt }) => ringsAt !== null);
    if (objects.length > 0) random.pick(objects).poisonedAlarms = random.int(1, 20);
  }

  #committed(object: SimObject): void {
    if (object.storage.committedAlarm !== null) object.lostAlarm = false;
    if (object.kind === 'CATALOG') {
      this.#notePrices(object);
      this.topics?.wrote(object);
    }
    if (object.kind !== 'PROFILE') return;
    const shadow = this.shadows.get(object.name) ?? new Shadow(object.name);
    this.shadows.set(object.name, shadow);
    try {
      for (const commit of shadow.readFrom(object)) {
        this.invariants.committed(commit);
        this.topics?.committed(commit);
      }
      this.#checkAlarm(object, shadow);
    } catch (error) {
      this.kernel.fail(error as Error);
    }
  }

  #checkAlarm(object: SimObject, { dueAt, key }: Shadow): void {
    if (dueAt === null || object.lostAlarm) return;
    // What is overdue because its alarm failed is tried again a little later.
    if (!object.isArmedBy(Math.max(dueAt, this.kernel.now + ALARM_AGAIN_MS))) {
      const { committedAlarm } = object.storage;
      throw new Violation(`${key} has work due at ${dueAt} and its alarm is at ${committedAlarm}`);
    }
  }

  #notePrices({ storage }: SimObject): void {
    // The one that knows what is popular has no items of its own.
    if (storage.peek("SELECT 1 FROM sqlite_master WHERE name = 'items'").length === 0) return;
    for (const { id, body } of storage.peek('SELECT id, body FROM items')) {
      const { item, version } = JSON.parse(body as string);
      if (item?.price !== undefined) this.prices.set(`${id} ${version}`, item.price);
    }
  }

  /** Nothing fails any more, everybody tries again, and time passes until nothing is left to do. */
  async #rest(): Promise<void> {
    this.faults.active = false;
    this.documents.resumeAll();
    for (const object of this.platform.objects.values()) {
      if (object.lostAlarm && object.kind === 'PROFILE') await this.#wake(object);
    }
    const { dispatch, facts, fanout } = this.platform.queues;
    const until = this.kernel.now + HORIZON_MS;
    for (let round = 0; round < MOST_ROUNDS_TO_REST; round++) {
      await this.kernel.drain();
      if (this.clients.hasUnsent) {
        await this.clients.retryAll();
        continue;
      }
      const queue = [dispatch, facts, fanout].find(
        (one) => (one.nextAvailableAt ?? Infinity) <= this.kernel.now,
      );
      if (queue) {
        await this.consumers.deliver(queue);
        continue;
      }
      const [due] = this.#dueObjects();
      if (due) {
        await this.platform.ring(due);
        continue;
      }
      const nextAt = this.#nextAt([dispatch, facts, fanout].map((one) => one.nextAvailableAt));
      if (nextAt === null || nextAt > until) return;
      this.kernel.now = nextAt;
    }
    throw new Violation('it never comes to rest');
  }

  #nextAt(queues: (number | null)[]): number | null {
    const alarms = [...this.platform.objects.values()]
      .filter(({ kind }) => kind !== 'SCHEDULER')
      .map(({ ringsAt }) => ringsAt);
    const times = [...queues, ...alarms].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  async #wake({ name }: SimObject): Promise<void> {
    const env = this.platform.envFor({ name: 'waker', alive: true });
    await this.kernel.run(() => {
      (env.PROFILE.getByName(name) as unknown as { next(query: object): Promise<unknown> })
        .next({})
        .catch(() => {});
    });
    await this.kernel.drain();
  }
}
