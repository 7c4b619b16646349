/**
 * The scheduler of a simulated deployment. Whatever a real one waits for (a call to another object, a statement of D1, a
 * queue, a provider) is an operation here that waits until the seed picks it. Between two picks all microtasks run, so
 * that the order in which things happen is the seed's alone, and a crash can fall between any two of them.
 *
 *     asked (by a process) → picked: it takes effect → its answer, where whoever asked still lives
 */
import type { Random } from './random.ts';

/** Whoever runs code: a wake of an object, an invocation of a consumer, a client's request. Dead, it is never answered. */
export interface Process {
  readonly name: string;
  alive: boolean;
}

export interface Operation {
  label: string;
  by: Process;
  /** The pick after which it was asked: until the next, a crash can take it back. */
  round: number;
  /** Virtual time. */
  askedAt: number;
  take(): void;
}

/** What the platform itself does. */
export const PLATFORM: Process = { name: 'platform', alive: true };

export class Kernel {
  readonly random: Random;
  now: number;
  round = 0;
  /** Called when all microtasks have run: commits, crashes. */
  settle: () => void = () => {};
  /** The newest lines of what happened, for a person to read; a failing seed is played again with more. */
  readonly trace: string[] = [];
  readonly #keptLines: number;
  /** The first thing that was found wrong, by whoever could not throw it to the seed. */
  failure: Error | null = null;
  #hash = 0x811c9dc5;
  #operations: Operation[] = [];

  constructor(random: Random, now: number, keptLines = 0) {
    this.random = random;
    this.now = now;
    this.#keptLines = keptLines;
  }

  /** Stands for everything that happened, in order. */
  get traceHash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  get isQuiet(): boolean {
    return this.#operations.length === 0;
  }

  /** Of the operation that has waited longest; the present where none waits. */
  get oldestAskedAt(): number {
    return this.#operations.reduce((oldest, { askedAt }) => Math.min(oldest, askedAt), this.now);
  }

  note(line: string): void {
    for (let i = 0; i < line.length; i++) this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    this.#hash = (this.#hash ^ this.now) >>> 0;
    if (this.#keptLines === 0) return;
    this.trace.push(`${new Date(this.now).toISOString()} ${line}`);
    if (this.trace.length > this.#keptLines) this.trace.shift();
  }

  post(label: string, by: Process, take: () => void): Operation {
    const operation = { label, by, round: this.round, askedAt: this.now, take };
    this.#operations.push(operation);
    return operation;
  }

  /** It waits to be picked. */
  holds(operation: Operation): boolean {
    return this.#operations.includes(operation);
  }

  /** Takes effect when it is picked; what `effect` throws is the answer, too. */
  ask<T>(label: string, by: Process, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.post(label, by, () => {
        try {
          const answer = effect();
          if (by.alive) resolve(answer);
        } catch (error) {
          if (by.alive) reject(error);
        }
      });
    });
  }

  fail(error: Error): void {
    this.failure ??= error;
  }

  /** What a process has asked for since the last pick, and what `keeps` refuses, never leaves it. */
  takeBack(by: Process, keeps: () => boolean): void {
    this.#operations = this.#operations.filter((one) => one.by !== by || one.round !== this.round || keeps());
  }

  /** Picks one operation; false where none waits. */
  async step(): Promise<boolean> {
    const at = Math.floor(this.random.next() * this.#operations.length);
    const picked = this.#operations[at];
    if (!picked) return false;
    this.#operations[at] = this.#operations.at(-1) as Operation;
    this.#operations.pop();
    this.note(picked.label);
    await this.run(() => picked.take());
    return true;
  }

  /** Does something, and lets everything that follows from it without waiting happen. */
  async run(work: () => void): Promise<void> {
    this.round += 1;
    work();
    await microtasks();
    this.settle();
    if (this.failure) throw this.failure;
  }

  /** Before a life begins: how much there is to do depends on what was played before it, and counts for nothing. */
  async prepare(work: () => void): Promise<void> {
    await this.run(work);
    for (let next = this.#operations.shift(); next; next = this.#operations.shift())
      await this.run(next.take);
  }

  async drain(): Promise<void> {
    while (await this.step());
  }
}

/** Node runs a tick when the queue of microtasks is empty, and not before. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
