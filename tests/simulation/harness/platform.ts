/**
 * The platform in one process: objects that are woken by calls and alarms and die at any moment, and what binds them to
 * each other, to queues and to D1. The objects are the project's own; only what Cloudflare does is stood in for.
 */
import type { Env } from '../../../src/bindings.ts';
import { CatalogObject } from '../../../src/catalog/catalog-object.ts';
import { WatcherObject } from '../../../src/catalog/watcher-object.ts';
import { LimiterObject } from '../../../src/limiter/limiter-object.ts';
import { ProfileObject } from '../../../src/profiles/profile-object.ts';
import { RegistryObject } from '../../../src/registry/registry-object.ts';
import { SchedulerObject } from '../../../src/scheduler/scheduler-object.ts';
import type { Bug } from './bugs.ts';
import type { Faults } from './faults.ts';
import { Violation } from './invariants.ts';
import { type Kernel, PLATFORM, type Process } from './kernel.ts';
import type { SimD1 } from './sim-d1.ts';
import { type Call, KINDS, type Methods, type ObjectKind, SimObject } from './sim-object.ts';
import { SimQueue } from './sim-queues.ts';
import type { StorageHooks } from './sim-storage.ts';

const CLASSES: Record<ObjectKind, new (ctx: never, env: Env) => object> = {
  PROFILE: ProfileObject,
  CATALOG: CatalogObject,
  WATCHERS: WatcherObject,
  REGISTRY: RegistryObject,
  SCHEDULER: SchedulerObject,
  LIMITER: LimiterObject,
};
export const SECRET = 'simulation-secret-0123456789abcdef';
const WRITES = /^\s*(INSERT|UPDATE|DELETE)/i;

export interface PlatformDeps {
  kernel: Kernel;
  faults: Faults;
  d1: SimD1;
  bug: Bug | null;
  /** After each commit of an object. */
  committed(object: SimObject): void;
}

export class Platform {
  readonly objects = new Map<string, SimObject>();
  readonly queues: { dispatch: SimQueue; facts: SimQueue; fanout: SimQueue };
  readonly #deps: PlatformDeps;
  #firstHead: Record<string, unknown>[] | null = null;

  constructor(deps: PlatformDeps) {
    this.#deps = deps;
    const queue = (name: string) => new SimQueue(name, deps.kernel, deps.faults);
    this.queues = { dispatch: queue('dispatch'), facts: queue('facts'), fanout: queue('fanout') };
    deps.kernel.settle = () => this.#settle();
  }

  close(): void {
    for (const { storage } of this.objects.values()) storage.close();
  }

  object(kind: ObjectKind, name: string): SimObject {
    const key = `${kind}:${name}`;
    const known = this.objects.get(key);
    if (known) return known;
    const object: SimObject = new SimObject(
      kind,
      name,
      this.#hooks(() => object),
    );
    this.objects.set(key, object);
    return object;
  }

  /** What a process is given. */
  envFor(by: Process): Env {
    const { kernel, faults, d1 } = this.#deps;
    const namespaces = KINDS.map((kind) => [
      kind,
      { getByName: (name: string) => this.#stub(by, this.object(kind, name)) },
    ]);
    const env = {
      ENVIRONMENT: 'development',
      ID_SECRET: SECRET,
      DB: d1.bindingFor(
        by,
        kernel,
        (queries) => {
          const isConfigRead = queries[0]?.includes('FROM config_head') ?? false;
          return faults.d1(kernel.now, isConfigRead);
        },
        this.#deps.bug ? (queries, rows) => this.#tampered(queries, rows) : undefined,
      ),
      ...Object.fromEntries(namespaces),
      DISPATCH: this.#offering(by, this.queues.dispatch),
      FACTS: this.#offering(by, this.queues.facts),
      FANOUT: this.queues.fanout.bindingFor(by),
    };
    return env as unknown as Env;
  }

  #offering(by: Process, queue: SimQueue) {
    const binding = queue.bindingFor(by);
    if (!this.#deps.bug?.offersOnce) return binding;
    const isRinging = () => [...this.objects.values()].some((one) => one.process === by && one.isRinging);
    return {
      sendBatch: async (messages: Iterable<{ body: unknown }>) => {
        if (!isRinging()) await binding.sendBatch(messages);
      },
    };
  }

  async ring(object: SimObject): Promise<void> {
    const { kernel } = this.#deps;
    const info = object.beginAlarm();
    if (this.#deps.bug?.forgetsRetries) info.isRetry = false;
    kernel.note(`alarm ${object.label} ${info.retryCount}`);
    await kernel.run(() => {
      const { process, instance } = this.#wake(object);
      const ends = (how: string, end: () => void) =>
        kernel.post(`alarm ${how} ${object.label}`, process, () => {
          if (process.alive) end();
        });
      instance.alarm?.(info).then(
        () => ends('done', () => object.endAlarm()),
        () => ends('failed', () => this.#failAlarm(object)),
      );
    });
  }

  /** It dies, with or without what it wrote since the last commit. */
  crash(object: SimObject, isKept: boolean): void {
    const { process } = object;
    if (!process) return;
    const { kernel } = this.#deps;
    kernel.note(`crash ${object.label} ${isKept ? 'after' : 'before'} its commit`);
    const isDirty = object.storage.isDirty;
    if (isKept) object.storage.commit();
    else object.storage.rollback();
    process.alive = false;
    object.process = null;
    object.instance = null;
    const bug = this.#deps.bug?.answersBeforeCommit === true;
    // The output gate: what depends on a commit that failed never left.
    kernel.takeBack(process, () => bug || (isKept && kernel.random.chance(0.5)));
    const lost = [...object.calls].filter(({ answer }) => answer === null || !kernel.holds(answer));
    for (const call of lost) {
      object.calls.delete(call);
      kernel.post(`broken ${object.label}`, PLATFORM, () => call.fail(new Error('The object was reset.')));
    }
    if (object.isRinging) this.#failAlarm(object);
    if (isDirty && isKept) this.#deps.committed(object);
  }

  #failAlarm(object: SimObject): void {
    const { kernel } = this.#deps;
    if (object.failAlarm(kernel.now))
      kernel.fail(new Violation(`the platform forgot the alarm of ${object.label}`));
  }

  #settle(): void {
    for (const object of this.objects.values()) {
      if (!object.process) continue;
      const isPoisoned = object.isRinging && object.poisonedAlarms > 0 && object.storage.hasDirtyRows;
      if (isPoisoned) object.poisonedAlarms -= 1;
      else if (!object.storage.isDirty) continue;
      const fate = isPoisoned ? 'dies_before' : this.#deps.faults.commit();
      if (fate !== 'survives') {
        this.crash(object, fate === 'dies_after');
        continue;
      }
      object.storage.commit();
      this.#deps.committed(object);
    }
  }

  /** What a planted bug makes of D1's answers. */
  #tampered(queries: string[], rows: Record<string, unknown>[][]): Record<string, unknown>[][] {
    const { bug } = this.#deps;
    if (!queries[0]?.includes('FROM config_head')) return rows;
    if (bug?.keepsConfig && this.#firstHead) return [this.#firstHead, []];
    this.#firstHead ??= rows[0] ?? null;
    const { document } = bug ?? {};
    if (!document) return rows;
    return rows.map((some) =>
      some.map((row) => (typeof row.body === 'string' ? { ...row, body: document(row.body) } : row)),
    );
  }

  #wake(object: SimObject): { process: Process; instance: Methods } {
    if (object.process && object.instance) return { process: object.process, instance: object.instance };
    const process = { name: object.label, alive: true };
    const context = {
      storage: object.storage,
      id: { name: object.name },
      waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
      // No page is open.
      getWebSockets: () => [],
    };
    object.process = process;
    object.instance = new CLASSES[object.kind](context as never, this.envFor(process)) as Methods;
    return { process, instance: object.instance };
  }

  #stub(by: Process, object: SimObject): object {
    return new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          (...args: unknown[]) =>
            this.#call(by, object, method, args),
      },
    );
  }

  #call(by: Process, object: SimObject, method: string, args: unknown[]): Promise<unknown> {
    const { kernel, bug } = this.#deps;
    const sent = clone(bug?.args?.(object.kind, method, args) ?? args);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        if (by.alive) reject(error);
      };
      const succeed = (answer: unknown) => {
        if (by.alive) resolve(answer);
      };
      kernel.post(`> ${object.label}.${method}`, by, () =>
        this.#deliver({ by, fail, succeed }, object, method, sent),
      );
    });
  }

  #deliver(
    caller: { by: Process; fail(error: Error): void; succeed(answer: unknown): void },
    object: SimObject,
    method: string,
    args: unknown[],
  ): void {
    const { kernel, faults } = this.#deps;
    const fate = faults.rpc();
    if (fate !== 'done')
      caller.fail(Object.assign(new Error('Network connection lost.'), { retryable: true }));
    if (fate === 'before') return;
    const call: Call = { by: caller.by, fail: caller.fail, answer: null };
    object.calls.add(call);
    const { process, instance } = this.#wake(object);
    const answer = (what: string, give: () => void) => {
      call.answer = kernel.post(`${what} ${object.label}.${method}`, process, () => {
        object.calls.delete(call);
        give();
      });
    };
    Promise.resolve(instance[method]?.(...args)).then(
      (value) => {
        const result = this.#deps.bug?.answer?.(object, method, args, value) ?? value;
        answer('<', () => {
          caller.succeed(clone(result));
        });
      },
      (error: Error) => answer('!', () => caller.fail(error)),
    );
  }

  #hooks(self: () => SimObject): StorageHooks {
    const { kernel, faults, bug } = this.#deps;
    return {
      sync: () => kernel.ask(`sync ${self().label}`, self().process ?? PLATFORM, () => {}),
      beforeSql: (query) => {
        if (WRITES.test(query)) faults.statement();
      },
      ...(bug?.afterRead && { afterRead: (query, rows) => bug.afterRead?.(self(), query, rows) ?? rows }),
      ...(bug?.allows && { allows: (query, bindings) => bug.allows?.(self(), query, bindings) ?? true }),
      ...(bug?.setsAlarm && { setsAlarm: () => bug.setsAlarm?.(self()) ?? true }),
      ...(bug?.rollsBack && { rollsBack: () => bug.rollsBack?.() ?? true }),
    };
  }
}

/** Across processes only data goes. */
function clone<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
