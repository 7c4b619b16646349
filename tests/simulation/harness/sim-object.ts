/** One Durable Object between its wakes: its storage, its alarm, and who waits for its answers. */
import type { Operation, Process } from './kernel.ts';
import { SimStorage, type StorageHooks } from './sim-storage.ts';

export const KINDS = ['PROFILE', 'CATALOG', 'WATCHERS', 'REGISTRY', 'SCHEDULER', 'LIMITER'] as const;
export type ObjectKind = (typeof KINDS)[number];

export interface Call {
  by: Process;
  fail(error: Error): void;
  /** On its way back. */
  answer: Operation | null;
}

/** `AlarmInvocationInfo`. */
export interface AlarmInfo {
  retryCount: number;
  isRetry: boolean;
}

export type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The platform tries an alarm that failed so many times more, and then forgets it. */
const ALARM_RETRIES = 6;
const ALARM_BACKOFF_MS = 2_000;

export class SimObject {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly storage: SimStorage;
  /** Null while it isn't in memory. */
  process: Process | null = null;
  instance: Methods | null = null;
  readonly calls = new Set<Call>();
  /** Its alarm is being handled. */
  isRinging = false;
  #failures = 0;
  #retryAt: number | null = null;
  /** The platform lost its alarm, and nobody has woken it since. */
  lostAlarm = false;
  /** So many of its alarms in a row die half-way: a fault that stays. */
  poisonedAlarms = 0;

  constructor(kind: ObjectKind, name: string, hooks: StorageHooks) {
    this.kind = kind;
    this.name = name;
    this.storage = new SimStorage(hooks);
  }

  get label(): string {
    return `${this.kind}:${this.name}`;
  }

  /** When its alarm goes off next; null where none is set. */
  get ringsAt(): number | null {
    if (this.isRinging) return null;
    return this.#retryAt ?? this.storage.committedAlarm;
  }

  /** Whether the platform owes it an alarm at the latest at this time. */
  isArmedBy(at: number): boolean {
    const { committedAlarm } = this.storage;
    if (committedAlarm !== null && committedAlarm <= at) return true;
    return this.isRinging || this.#retryAt !== null;
  }

  beginAlarm(): AlarmInfo {
    const info = { retryCount: this.#failures, isRetry: this.#failures > 0 };
    if (this.#retryAt === null) this.storage.clearAlarm();
    this.#retryAt = null;
    this.isRinging = true;
    return info;
  }

  endAlarm(): void {
    this.isRinging = false;
    this.#failures = 0;
  }

  /** Whether the platform gives it up by that. */
  failAlarm(now: number): boolean {
    this.isRinging = false;
    // One that was set meanwhile takes the place of the retries.
    if (this.storage.committedAlarm !== null) {
      this.#failures = 0;
      return false;
    }
    this.#failures += 1;
    if (this.#failures <= ALARM_RETRIES) {
      this.#retryAt = now + ALARM_BACKOFF_MS * 2 ** (this.#failures - 1);
      return false;
    }
    this.#failures = 0;
    return true;
  }
}
