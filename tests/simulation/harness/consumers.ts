/** The Worker's queue consumers, as they are, over the simulated platform; an invocation may die anywhere. */
import type { ChannelAdapter, SendResult } from '../../../src/channels/channel.ts';
import { logAdapter } from '../../../src/channels/log.ts';
import { consumeDispatch } from '../../../src/dispatch/dispatch-consumer.ts';
import { dispatchDeps, emptyMemory } from '../../../src/dispatch/dispatch-deps.ts';
import { consumeFacts } from '../../../src/dispatch/facts-consumer.ts';
import type { Channel } from '../../../src/engine/trigger.ts';
import { consumeFanout } from '../../../src/fanout/fanout-consumer.ts';
import { profileStub, schedulerStub, watcherStub } from '../../../src/protocol/stubs.ts';
import type { Bug } from './bugs.ts';
import type { Faults, ProviderFate } from './faults.ts';
import type { Invariants, ProviderCall } from './invariants.ts';
import type { Kernel, Process } from './kernel.ts';
import type { Platform } from './platform.ts';
import type { Queued, SimQueue } from './sim-queues.ts';

/** An SMS that has left can't be recognised when it comes again; the others are. */
const IDEMPOTENT: readonly Channel[] = ['webhook', 'push'];
const MOST_PER_BATCH = 5;
const REDELIVERY_MS = 5_000;

interface Invocation extends Process {
  queue: SimQueue;
  messages: { queued: Queued; answer: 'none' | 'ack' | { delaySeconds: number } }[];
}

export class Consumers {
  readonly #kernel: Kernel;
  readonly #platform: Platform;
  readonly #faults: Faults;
  readonly #invariants: Invariants;
  readonly #bug: Bug | null;
  readonly #running = new Set<Invocation>();
  /** The isolate's: it outlives invocations, and not always the one that dies. */
  #memory = emptyMemory();
  #invocations = 0;

  constructor(kernel: Kernel, platform: Platform, faults: Faults, invariants: Invariants, bug: Bug | null) {
    this.#kernel = kernel;
    this.#platform = platform;
    this.#faults = faults;
    this.#invariants = invariants;
    this.#bug = bug;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  async deliver(queue: SimQueue): Promise<void> {
    const { random } = this.#kernel;
    const batch = queue.takeBatch(random.int(1, MOST_PER_BATCH));
    if (batch.length === 0) return;
    this.#invocations += 1;
    const invocation: Invocation = {
      name: `${queue.name} ${this.#invocations}`,
      alive: true,
      queue,
      messages: batch.map((queued) => ({ queued, answer: 'none' })),
    };
    this.#running.add(invocation);
    this.#kernel.note(`deliver ${invocation.name}: ${batch.map(({ id }) => id).join()}`);
    await this.#kernel.run(() => {
      this.#consume(invocation).then(
        () => this.#end(invocation, 'ack'),
        () => this.#end(invocation, 'retry'),
      );
    });
  }

  /** One of the invocations under way dies; its whole batch comes again. */
  crash(): void {
    if (this.#running.size === 0) return;
    const invocation = this.#kernel.random.pick([...this.#running]);
    this.#kernel.note(`crash ${invocation.name}`);
    invocation.alive = false;
    if (this.#kernel.random.int(0, 1) === 0) this.#memory = emptyMemory();
    this.#running.delete(invocation);
    for (const { queued } of invocation.messages) invocation.queue.giveBack(queued, REDELIVERY_MS);
  }

  #end(invocation: Invocation, unanswered: 'ack' | 'retry'): void {
    this.#running.delete(invocation);
    for (const { queued, answer } of invocation.messages) {
      if (typeof answer === 'object') invocation.queue.giveBack(queued, answer.delaySeconds * 1_000);
      else if (answer === 'none' && unanswered === 'retry') invocation.queue.giveBack(queued, REDELIVERY_MS);
    }
  }

  #consume(invocation: Invocation): Promise<void> {
    const env = this.#platform.envFor(invocation);
    const { queue } = invocation;
    const batch = this.#batch(invocation) as never;
    if (queue.name === 'facts') return consumeFacts(batch, env);
    if (queue.name === 'fanout') {
      const deps = {
        profile: (key: string) => profileStub(env, key),
        watchers: (shard: string) => watcherStub(env, shard),
        scheduler: () => schedulerStub(env),
        pause: () => Promise.resolve(),
        now: () => this.#kernel.now,
      };
      return consumeFanout(batch, this.#bug?.fanout?.(deps) ?? deps);
    }
    const real = dispatchDeps(env);
    const deps = {
      ...real,
      memory: this.#memory,
      sleep: (ms: number) =>
        this.#kernel.ask('sleep', invocation, () => {
          this.#kernel.now += ms;
        }),
      alert: () => {},
      now: () => this.#kernel.now,
      documents: { ...real.documents, secret: async () => null },
      route: (channel: Channel) => ({ adapter: this.#adapter(channel, invocation), settings: {} }),
    };
    return consumeDispatch(batch, env, this.#bug?.dispatch?.(deps) ?? deps);
  }

  #batch({ queue, messages }: Invocation) {
    return {
      queue: queue.name,
      messages: messages.map((message) => ({
        id: message.queued.id,
        timestamp: new Date(this.#kernel.now),
        attempts: message.queued.attempts,
        body: message.queued.body,
        ack: () => {
          if (message.answer === 'none') message.answer = 'ack';
        },
        retry: (options: { delaySeconds: number }) => {
          if (message.answer === 'none') message.answer = options;
        },
      })),
    };
  }

  #adapter(channel: Channel, by: Process): ChannelAdapter {
    const isIdempotent = IDEMPOTENT.includes(channel);
    return {
      provider: 'simulated',
      capabilities: logAdapter.capabilities,
      idempotent: isIdempotent || this.#bug?.everythingIsIdempotent === true,
      keepsContent: false,
      send: (message) =>
        this.#kernel.ask(`provider ${message.id}`, by, (): SendResult => {
          const fate = this.#faults.provider();
          const mayBeTaken = fate !== 'retry' && fate !== 'rejected';
          this.#note({ id: message.id, channel, body: JSON.stringify(message), mayBeTaken }, isIdempotent);
          return answerOf(fate);
        }),
    };
  }

  /** What it finds wrong is the seed's failure, whatever the consumer makes of it. */
  #note(call: ProviderCall, isIdempotent: boolean): void {
    try {
      this.#invariants.called(call, isIdempotent);
    } catch (error) {
      this.#kernel.fail(error as Error);
    }
  }
}

/** As an adapter would tell of it; some have a fault and throw, before or after the provider was reached. */
function answerOf(fate: ProviderFate): SendResult {
  switch (fate) {
    case 'accepted':
      return { kind: 'accepted' };
    case 'retry':
      return { kind: 'retry', code: 'http_503' };
    case 'rejected':
      return { kind: 'rejected', scope: 'message', code: 'http_400' };
    case 'answer_lost':
    case 'never_arrived':
      return { kind: 'unknown', code: 'timeout' };
    default:
      throw new Error('socket hang up');
  }
}
