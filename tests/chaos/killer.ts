/**
 * Kills workerd again and again. Half of the kills come at a moment spread evenly over time, half within a few milliseconds
 * after a request went out, when the most is half done; now and then one comes while workerd is still starting. Kills and
 * requests keep step, so that the last request meets the last kill.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashServer, WorkerdStart } from './crash-server.ts';
import type { Random } from './random.ts';

const LONGEST_LIFE_MS = 500;
const SHORTEST_LIFE_MS = 60;
const AFTER_REQUEST_MS = 15;
const DURING_START_SHARE = 0.05;
const POLL_MS = 2;

export interface KillerOptions {
  server: CrashServer;
  random: Random;
  kills: number;
  /** Looks at what lies on disk, at every so many kills. */
  inspectEvery: number;
  inspect(): void;
}

export class Killer {
  readonly #options: KillerOptions;
  readonly #recoveriesMs: number[] = [];
  #start: WorkerdStart;
  #answered = false;
  #requests = 0;
  #kills = 0;

  constructor(options: KillerOptions) {
    this.#options = options;
    this.#start = options.server.current();
  }

  /** Of each workerd that lived long enough to acknowledge something: from its start until then. */
  get recoveriesMs(): readonly number[] {
    return this.#recoveriesMs;
  }

  /** Share of the kills that are done; 1 after the last one. */
  get progress(): number {
    return this.#kills / this.#options.kills;
  }

  /** A request goes out. */
  sending(): void {
    this.#requests++;
  }

  /** A request that went out after the newest start has been acknowledged. */
  acknowledged(at: number): void {
    if (this.#answered || at < this.#start.spawnedAt) return;
    this.#answered = true;
    if (this.#kills > 0) this.#recoveriesMs.push(at - this.#start.spawnedAt);
  }

  /** @param loadProgress share of the requests that are done; kills don't run ahead of it */
  async run(loadProgress: () => number): Promise<void> {
    const { server, random, kills, inspectEvery, inspect } = this.#options;
    while (this.#kills < kills) {
      await this.#wait(random, loadProgress);
      const isLooked = (this.#kills + 1) % inspectEvery === 0;
      if (isLooked) await server.killAndHold(inspect);
      else await server.kill();
      this.#start = server.current();
      this.#answered = false;
      this.#kills++;
    }
  }

  async #wait(random: Random, loadProgress: () => number): Promise<void> {
    if (random.chance(DURING_START_SHARE)) return sleep(random.between(0, 100));
    while (!this.#answered || (loadProgress() < this.progress && loadProgress() < 1)) await sleep(POLL_MS);
    await sleep(random.between(SHORTEST_LIFE_MS, LONGEST_LIFE_MS));
    if (random.chance(0.5)) return;
    const seen = this.#requests;
    for (let waited = 0; this.#requests === seen && waited < LONGEST_LIFE_MS; waited += POLL_MS)
      await sleep(POLL_MS);
    await sleep(random.between(0, AFTER_REQUEST_MS));
  }
}
