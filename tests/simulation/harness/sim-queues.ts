/** Queues as the platform has them: they keep what they were given at least once, in no order, and lose some here. */
import type { Faults } from './faults.ts';
import type { Kernel, Process } from './kernel.ts';

export interface Queued {
  id: string;
  body: unknown;
  /** Deliveries so far. */
  attempts: number;
  availableAt: number;
}

const MAX_RETRIES = 5;
const MAX_DELAY_MS = 20_000;

export class SimQueue {
  readonly name: string;
  /** What was given up for good. */
  readonly dead: Queued[] = [];
  #waiting: Queued[] = [];
  #sent = 0;
  readonly #kernel: Kernel;
  readonly #faults: Faults;

  constructor(name: string, kernel: Kernel, faults: Faults) {
    this.name = name;
    this.#kernel = kernel;
    this.#faults = faults;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get nextAvailableAt(): number | null {
    return this.#waiting.reduce<number | null>(
      (next, { availableAt }) => Math.min(next ?? availableAt, availableAt),
      null,
    );
  }

  bindingFor(by: Process): { sendBatch(messages: Iterable<{ body: unknown }>): Promise<void> } {
    return {
      sendBatch: (messages) => {
        const bodies = [...messages].map(({ body }) => JSON.stringify(body));
        return this.#kernel.ask(`${this.name} < ${bodies.length}`, by, () => this.#take(bodies));
      },
    };
  }

  /** Some of what is available, in whatever order. */
  takeBatch(most: number): Queued[] {
    const { now, random } = this.#kernel;
    const available = this.#waiting.filter(({ availableAt }) => availableAt <= now);
    const batch: Queued[] = [];
    while (batch.length < most && available.length > 0) {
      const [one] = available.splice(random.int(0, available.length - 1), 1);
      if (one) batch.push({ ...one, attempts: one.attempts + 1 });
    }
    const taken = new Set(batch.map(({ id }) => id));
    this.#waiting = this.#waiting.filter(({ id }) => !taken.has(id));
    return batch;
  }

  giveBack(message: Queued, delayMs: number): void {
    if (message.attempts > MAX_RETRIES) this.dead.push(message);
    else this.#waiting.push({ ...message, availableAt: this.#kernel.now + delayMs });
  }

  #take(bodies: string[]): void {
    const fate = this.#faults.send();
    if (fate === 'before') throw new Error('Queue sendBatch failed: Too Many Requests');
    if (fate === 'lost') return;
    for (const body of bodies) {
      this.#put(body);
      if (fate === 'repeated') this.#put(body);
    }
    if (fate === 'after') throw new Error('Queue sendBatch failed: Internal Server Error');
  }

  #put(body: string): void {
    const { random, now } = this.#kernel;
    const delayMs = this.#faults.active && random.chance(0.1) ? random.int(0, MAX_DELAY_MS) : 0;
    this.#sent += 1;
    this.#waiting.push({
      id: `${this.name}-${this.#sent}`,
      body: JSON.parse(body),
      attempts: 0,
      availableAt: now + delayMs,
    });
  }
}
