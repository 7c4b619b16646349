/**
 * Slow providers hold up nobody but themselves. Each endpoint has a lane of its own: so many sends at once in the isolate, and
 * few enough from one batch that the six connections which the platform gives a Worker's call are never all waiting for the
 * same host. An endpoint that hasn't lately answered in time gets fewer; where several sends have hung for seconds, the next
 * messages are turned away at once instead of waiting behind them.
 */
interface Send {
  startedAt: number;
}

interface Lane {
  sends: Set<Send>;
  /** It answered in time, last it was asked. */
  isProven: boolean;
}

interface LanesDeps {
  now(): number;
  sleep(ms: number): Promise<void>;
}

const IN_ISOLATE = 16;
const IN_BATCH = 4;
const IN_BATCH_UNPROVEN = 2;
const SLOW_MS = 2_000;
const HUNG_SENDS = 4;
/** No send takes as long: whoever began it was cut off and will never say that it is over. */
const LOST_MS = 60_000;
/** A message doesn't wait longer for its turn: its lease is running. */
const PATIENCE_MS = 8_000;
const LOOK_AGAIN_MS = 100;
const MAX_LANES = 1_000;

/** An isolate's, by the endpoint's name. */
export type Lanes = Map<string, Lane>;

/** One batch's share of the lanes. */
export class BatchLanes {
  readonly #lanes: Lanes;
  readonly #deps: LanesDeps;
  readonly #sends = new Map<string, number>();
  /** By lane, longest first. Only this batch's: a promise must not be settled by another call of the Worker's. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** While anybody waits: a lane may also be freed, or hang, by another batch. */
  #looking: Promise<void> | null = null;

  constructor(lanes: Lanes, deps: LanesDeps) {
    this.#lanes = lanes;
    this.#deps = deps;
  }

  /** What must be called when the send is over; null where the message is turned away. */
  async enter(name: string): Promise<((inTime: boolean) => void) | null> {
    const giveUpAt = this.#deps.now() + PATIENCE_MS;
    for (;;) {
      const now = this.#deps.now();
      const lane = this.#lane(name);
      forgetLost(lane, now);
      if (isHung(lane, now)) return null;
      if (this.#hasRoom(name, lane)) return this.#start(name, lane, now);
      if (now >= giveUpAt) return null;
      await this.#nextFreed(name);
    }
  }

  #hasRoom(name: string, lane: Lane): boolean {
    return roomIn(lane, this.#sends.get(name) ?? 0) > 0;
  }

  #start(name: string, lane: Lane, startedAt: number): (inTime: boolean) => void {
    const send: Send = { startedAt };
    lane.sends.add(send);
    this.#count(name, 1);
    return (isWell) => {
      lane.sends.delete(send);
      lane.isProven = isWell && this.#deps.now() - startedAt < SLOW_MS;
      this.#count(name, -1);
      this.#wake(name, roomIn(lane, this.#sends.get(name) ?? 0));
    };
  }

  #nextFreed(name: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(name);
    if (waiting) waiting.push(resolve);
    else this.#waiting.set(name, [resolve]);
    this.#looking ??= this.#deps.sleep(LOOK_AGAIN_MS).then(() => {
      this.#looking = null;
      for (const lane of [...this.#waiting.keys()]) this.#wake(lane, Number.POSITIVE_INFINITY);
    });
    return promise;
  }

  /** The longest-waiting ones look whether there is room for them. */
  #wake(name: string, most: number): void {
    const waiting = this.#waiting.get(name);
    if (!waiting) return;
    for (const wake of waiting.splice(0, Math.max(0, most))) wake();
    if (waiting.length === 0) this.#waiting.delete(name);
  }

  #count(name: string, by: number): void {
    this.#sends.set(name, (this.#sends.get(name) ?? 0) + by);
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    if (this.#lanes.size >= MAX_LANES) forgetIdle(this.#lanes);
    const lane: Lane = { sends: new Set(), isProven: false };
    this.#lanes.set(name, lane);
    return lane;
  }
}

function roomIn({ sends, isProven }: Lane, inBatch: number): number {
  return Math.min(IN_ISOLATE - sends.size, (isProven ? IN_BATCH : IN_BATCH_UNPROVEN) - inBatch);
}

function forgetLost({ sends }: Lane, now: number): void {
  for (const send of sends) if (now - send.startedAt >= LOST_MS) sends.delete(send);
}

function isHung({ sends }: Lane, now: number): boolean {
  let hung = 0;
  for (const { startedAt } of sends) if (now - startedAt >= SLOW_MS) hung += 1;
  return hung >= HUNG_SENDS;
}

function forgetIdle(lanes: Lanes): void {
  for (const [name, { sends }] of lanes) if (sends.size === 0) lanes.delete(name);
}
