/**
 * How much an isolate takes on at once. Beyond what it can do, requests would only wait for each other, hold their bodies
 * in memory (an isolate has 128 MB), and be given up by clients when they are done at last: so they are refused at once,
 * while that costs almost nothing, and told when to come again.
 *
 * A request counts from the moment its body is there until it is answered: a client that sends slowly holds no place that
 * others need. Counting is all there is; nothing waits here.
 */
export interface AdmissionLimits {
  /** Requests under way. */
  requests: number;
  /** Bytes of their bodies, inflated. */
  bytes: number;
}

const LIMITS: AdmissionLimits = { requests: 500, bytes: 16 * 1024 * 1024 };

/**
 * The deployment's own limit of requests, where it names one: at the edge every object runs elsewhere and has time of its
 * own; on one machine all of them share one process, which is full much sooner. Anything but a whole number from 1 counts as
 * none.
 */
export function admissionLimits(requests: string | undefined): AdmissionLimits {
  const isGiven = requests !== undefined && /^[1-9]\d{0,5}$/.test(requests);
  return isGiven ? { ...LIMITS, requests: Number(requests) } : LIMITS;
}

/** Clients that were refused together come back apart, between 1 and so many seconds later. */
const MOST_RETRY_AFTER_SECONDS = 3;

export class Admission {
  readonly #limits: AdmissionLimits;
  #requests = 0;
  #bytes = 0;
  #refusals = 0;

  constructor(limits: AdmissionLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Whether whoever comes now would be refused, whatever they bring. */
  get isFull(): boolean {
    return this.#requests >= this.#limits.requests || this.#bytes >= this.#limits.bytes;
  }

  /** Counts a request in; false where there is no room, and then nothing is counted. What entered must `leave`. */
  enter(bytes: number): boolean {
    if (this.isFull) return false;
    this.#requests += 1;
    this.#bytes += bytes;
    return true;
  }

  leave(bytes: number): void {
    this.#requests -= 1;
    this.#bytes -= bytes;
  }

  /** For the answer to a refused one: whole seconds. */
  retryAfterSeconds(): number {
    this.#refusals += 1;
    return 1 + (this.#refusals % MOST_RETRY_AFTER_SECONDS);
  }
}
