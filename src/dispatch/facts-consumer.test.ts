import { expect, it } from 'vitest';
import type { Env } from '../bindings.ts';
import type { Fact } from '../engine/vocabulary.ts';
import type { FactsMessage } from '../protocol/queue-messages.ts';
import type { ProfileFacts } from '../store/profile-facts.ts';
import { consumeFacts } from './facts-consumer.ts';

const created = (seq: number): Fact => ({ seq, kind: 'profile_created', at: 1_000 });
const shown = (seq: number): Fact => ({ seq, kind: 'message_shown', at: 2_000 });
const facts = (profile: string, ...list: Fact[]): FactsMessage => ({
  v: 1,
  kind: 'facts',
  profile,
  facts: list,
});

async function consume(
  bodies: unknown[],
  failing: { apply?: true; stream?: true; profile?: string; registry?: string } = {},
) {
  const answers: string[] = bodies.map(() => 'none');
  const applied: (readonly ProfileFacts[])[] = [];
  const settled: [string, number[]][] = [];
  const registered: [string, number][] = [];
  const messages = bodies.map((body, i) => ({
    body,
    ack: () => {
      answers[i] = 'ack';
    },
    retry: () => {
      answers[i] = 'retry';
    },
  }));
  await consumeFacts({ messages } as unknown as MessageBatch<FactsMessage>, {} as Env, {
    apply: async (profiles) => {
      if (failing.apply) throw new Error('D1 is down');
      applied.push(profiles);
    },
    guard: async () => {},
    stream: async (profiles) => {
      if (failing.stream) throw new Error('the queue is full');
      expect(applied).toContain(profiles);
    },
    profile: (key) => ({
      settleFacts: async (seqs) => {
        if (failing.profile === key) throw new Error('unreachable');
        settled.push([key, seqs]);
      },
    }),
    registry: (key) => ({
      add: async (profiles) => {
        if (failing.registry === key) throw new Error('unreachable');
        for (const { key: added, createdAt } of profiles) registered.push([added, createdAt]);
      },
    }),
  });
  return { answers, applied, settled, registered };
}

it('writes the facts of a whole batch at once, then settles each profile once', async () => {
  const result = await consume([
    facts('a', created(1)),
    facts('b', created(1), shown(2)),
    facts('a', shown(2), created(1)),
  ]);
  expect(result.answers).toEqual(['ack', 'ack', 'ack']);
  expect(result.applied).toHaveLength(1);
  expect(result.settled).toEqual([
    ['a', [1, 2]],
    ['b', [1, 2]],
  ]);
  expect(result.registered).toEqual([
    ['a', 1_000],
    ['b', 1_000],
  ]);
});

it('settles nothing that D1 does not have', async () => {
  const result = await consume([facts('a', created(1)), facts('b', shown(1))], { apply: true });
  expect(result).toMatchObject({ answers: ['retry', 'retry'], settled: [], registered: [] });
});

it('settles nothing that the stream of exports has not been given', async () => {
  const result = await consume([facts('a', created(1)), facts('b', shown(1))], { stream: true });
  expect(result).toMatchObject({ answers: ['retry', 'retry'], settled: [], registered: [] });
});

it('retries only the profile that could not be reached', async () => {
  const bodies = [facts('a', created(1)), facts('b', created(1)), facts('c', shown(1))];
  expect((await consume(bodies, { profile: 'a' })).answers).toEqual(['retry', 'ack', 'ack']);
  const unregistered = await consume(bodies, { registry: 'b' });
  expect(unregistered.answers).toEqual(['ack', 'retry', 'ack']);
  expect(unregistered.settled.map(([key]) => key).sort()).toEqual(['a', 'c']);
});

it('lets what is no facts message become a dead letter, and goes on with the others', async () => {
  const bodies = [null, { v: 2, kind: 'facts' }, { v: 1, kind: 'facts', profile: 'x' }, facts('a', shown(1))];
  expect((await consume(bodies)).answers).toEqual(['retry', 'retry', 'retry', 'ack']);
});
