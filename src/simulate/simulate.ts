/**
 * Plays a scripted life on a virtual clock: the documents that a marketer would publish, then calls, and what must and
 * must not happen after each. The calls go through the API's own routes and the engine's own functions; only clock, disk,
 * queues and providers are stood in for.
 *
 *     documents → checked and compiled → (all due until the step → its call → what that sends out → its expectations)*
 *
 * Runs in plain Node as well as in the Worker. The same input gives the same report.
 */
import { profileKey } from '../protocol/profile-key.ts';
import { checkDocument } from '../protocol/schema-kit.ts';
import { checkStep, type Happened, messagesOf } from './check-step.ts';
import { type Answer, Edge, SECRET } from './edge.ts';
import { SimulationInputError } from './input-error.ts';
import type { DeliveryEntry } from './journal.ts';
import {
  type Call,
  type LifeStep,
  type LifeStepInput,
  type PersonExpectation,
  simulationSchema,
} from './life-schema.ts';
import { readDocuments, type SimulatedDocuments } from './read-documents.ts';
import type { Delivery, Failure, ShownMessage, SimulationReport } from './report.ts';
import { World } from './world.ts';

export { SimulationInputError } from './input-error.ts';
export type { Decision, Delivery, Failure, GoalMet, ShownMessage, SimulationReport } from './report.ts';

export interface SimulationInput {
  documents: SimulatedDocuments;
  life: LifeStepInput[];
  /** When the triggers go live; by default with the first step. ISO 8601. */
  startAt?: string;
}

/** Throws `SimulationInputError` where documents or life can't be played; a life that fails is a report, no error. */
export async function simulate(input: SimulationInput): Promise<SimulationReport> {
  const checked = checkDocument(simulationSchema, input);
  if (checked.kind === 'invalid') throw new SimulationInputError('life', checked.issues);
  const { documents, life, startAt } = checked.document;
  const config = readDocuments(documents);
  const world = new World(config, Date.parse(startAt ?? life[0]?.at ?? '1970-01-01T00:00Z'));
  const play = new Play(world);
  for (const [i, step] of life.entries()) await play.step(step, i);
  return play.report();
}

class Play {
  readonly #world: World;
  readonly #edge: Edge;
  readonly #kept = new Map<string, string>();
  readonly #failures: Failure[] = [];
  readonly #shown = new Map<string, ShownMessage>();

  constructor(world: World) {
    this.#world = world;
    this.#edge = new Edge(world);
  }

  async step(step: LifeStep, index: number): Promise<void> {
    const { journal } = this.#world;
    journal.step = index;
    const before = {
      sent: journal.sent.length,
      decisions: journal.decisions.length,
      conversions: journal.conversions.length,
    };
    await this.#world.advanceTo(Date.parse(step.at));
    const answer = step.call && (await this.#edge.answer(this.#withKept(step.call)));
    await this.#world.runErrands();
    for (const message of messagesOf(answer)) {
      const id = String(message.id);
      if (!this.#shown.has(id)) this.#shown.set(id, { step: index, message });
    }
    const texts = this.#keep(step, answer);
    if (step.expect) {
      const happened = await this.#happenedSince(before, answer, step);
      texts.push(...checkStep(step.expect, happened));
    }
    const { at, note } = step;
    this.#failures.push(
      ...texts.map((text) => ({ step: index, at, ...(note !== undefined && { note }), text })),
    );
  }

  report(): SimulationReport {
    const { journal } = this.#world;
    return {
      failures: this.#failures,
      messages: [...this.#shown.values()],
      deliveries: [...journal.deliveries.values()].map(withoutKey),
      decisions: journal.decisions,
      conversions: journal.conversions,
    };
  }

  async #happenedSince(
    before: { sent: number; decisions: number; conversions: number },
    answer: Answer | null,
    { expect }: LifeStep,
  ): Promise<Happened> {
    const { journal } = this.#world;
    const asked = [...(expect?.totals ?? []), ...(expect?.sameVariant ?? [])];
    const profiles = new Map<string, ReadonlySet<string>>();
    for (const person of asked) profiles.set(idOf(person), await this.#profilesOf(person));
    return {
      answer,
      sent: journal.sent.slice(before.sent),
      decisions: journal.decisions.slice(before.decisions),
      conversions: journal.conversions.slice(before.conversions),
      deliveries: [...journal.deliveries.values()],
      kept: this.#kept,
      profilesOf: (person) => profiles.get(idOf(person)) ?? new Set(),
    };
  }

  /** Nobody named: everybody. */
  async #profilesOf({ userId, anonymousId }: PersonExpectation): Promise<ReadonlySet<string>> {
    if (userId === undefined && anonymousId === undefined) {
      return new Set(this.#world.profiles().map(({ key }) => key));
    }
    const key = await profileKey(
      { ID_SECRET: SECRET },
      userId === undefined ? 'anonymous' : 'user',
      userId ?? anonymousId ?? '',
    );
    const links = this.#world.profile(key).store()?.state.links ?? new Map<string, { outcome: string }>();
    const merged = [...links].filter(([, { outcome }]) => outcome === 'merged').map(([link]) => link);
    return new Set([key, ...merged]);
  }

  #keep({ expect }: LifeStep, answer: Answer | null): string[] {
    return Object.entries(expect?.keep ?? {}).flatMap(([name, trigger]) => {
      const message = messagesOf(answer).find((one) => one.trigger === trigger);
      if (message) this.#kept.set(name, String(message.id));
      return message ? [] : [`expected a message of \`${trigger}\` to keep as ${name}; came none`];
    });
  }

  /** `${name}` stands for the id of a message that an earlier step kept; one that wasn't stays as it is. */
  #withKept(call: Call): Call {
    const text = JSON.stringify(call).replaceAll(
      /\$\{([^}"\\]+)\}/g,
      (all, name) => this.#kept.get(name) ?? all,
    );
    return JSON.parse(text) as Call;
  }
}

function idOf({ userId, anonymousId }: PersonExpectation): string {
  return JSON.stringify([userId ?? null, anonymousId ?? null]);
}

function withoutKey({ profileKey: _key, ...delivery }: DeliveryEntry): Delivery {
  return delivery;
}
