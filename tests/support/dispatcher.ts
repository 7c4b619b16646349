/** The dispatch consumer over real profiles, limiters and D1; providers answer as a test says. */
import { env } from 'cloudflare:workers';
import type { ChannelAdapter, SendResult } from '../../src/channels/channel.ts';
import { logAdapter } from '../../src/channels/log.ts';
import { consumeDispatch } from '../../src/dispatch/dispatch-consumer.ts';
import { type DispatchDeps, dispatchDeps, emptyMemory } from '../../src/dispatch/dispatch-deps.ts';
import type { DispatchMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { limiterStub } from '../../src/protocol/stubs.ts';
import { type Meter, meter } from './profile-meter.ts';
import { anEvent, send } from './profile-world.ts';

export interface Provider extends ChannelAdapter {
  calls: { id: string; content: string }[];
  answer: (id: string) => SendResult | Promise<SendResult>;
}

export function aProvider(name: string, more: Partial<ChannelAdapter> = {}): Provider {
  const provider: Provider = {
    provider: name,
    capabilities: logAdapter.capabilities,
    idempotent: false,
    keepsContent: false,
    ...more,
    calls: [],
    answer: () => ({ kind: 'accepted' }),
    send: async ({ id, content }) => {
      provider.calls.push({ id, content: JSON.stringify(content) });
      return provider.answer(id);
    },
  };
  return provider;
}

/** An isolate of its own: what it remembers of endpoints is nobody else's. */
export function aDispatcher(provider: Provider, change: Partial<DispatchDeps> = {}) {
  const counted = { leases: 0, statements: 0 };
  const route = () => ({ adapter: provider, settings: {} });
  const real = dispatchDeps(env);
  const deps: DispatchDeps = {
    ...real,
    deliveries: {
      ...real.deliveries,
      record: (...about) => {
        counted.statements += 1;
        return real.deliveries.record(...about);
      },
    },
    limiter: (name) => {
      counted.leases += 1;
      return limiterStub(env, name);
    },
    memory: emptyMemory(),
    alert: () => {},
    route,
    ...change,
  };
  const consume = (hints: DispatchMessage[]) => consumeDispatch(batchOf(hints), env, deps);
  return { consume, route, counted, deps };
}

/** Offers that have been made to the profile's queue since the last look. */
export function offersOf({ dispatch }: Pick<Meter, 'dispatch'>): DispatchMessage[] {
  return dispatch.calls.splice(0).flat();
}

/** A user whose event has fired a message, and the hint of it. */
export async function fired(ref: ProfileRef, event: string) {
  const metered = await meter(ref);
  await send(ref, [anEvent(event)]);
  const [hint] = offersOf(metered);
  if (!hint) throw new Error(`${event} fired nothing`);
  return { ref, hint, ...metered };
}

function batchOf(bodies: DispatchMessage[]): MessageBatch<DispatchMessage> {
  const messages = bodies.map((body, i) => ({
    id: `q${i}`,
    timestamp: new Date(),
    attempts: 1,
    body,
    ack() {},
    retry() {},
  }));
  return { queue: 'reflex-dispatch', messages } as unknown as MessageBatch<DispatchMessage>;
}
