/** A world with one D1 and any number of profiles, for the dispatch consumer in plain Node. */
import type { Env } from '../../src/bindings.ts';
import type { ChannelAdapter, OutgoingMessage, SendResult } from '../../src/channels/channel.ts';
import { routeFor } from '../../src/channels/registry.ts';
import { solapiAdapter } from '../../src/channels/solapi.ts';
import { consumeDispatch } from '../../src/dispatch/dispatch-consumer.ts';
import {
  type Alert,
  type DeliveryExtras,
  type DispatchDeps,
  emptyMemory,
} from '../../src/dispatch/dispatch-deps.ts';
import {
  type ChannelSettings,
  DEFAULT_POLICIES,
  type Policies,
  type Template,
} from '../../src/engine/documents.ts';
import type { Channel, Trigger } from '../../src/engine/trigger.ts';
import type { MessageInput } from '../../src/engine/vocabulary.ts';
import type { DispatchMessage } from '../../src/protocol/queue-messages.ts';
import type { ClaimResult, Settlement } from '../../src/protocol/rpc.ts';
import { signUnsubscribe } from '../../src/protocol/unsubscribe-token.ts';
import type { StandingRefusal } from '../../src/store/address-refusals.ts';
import type { DeliveryRecord } from '../../src/store/deliveries.ts';
import { limiters } from './memory-limiter.ts';

export const NOW = Date.UTC(2026, 10, 24, 3);
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
const template: Template = {
  id: 'price-drop',
  defaultLocale: 'ko',
  locales: {
    ko: {
      push: { title: '가격 인하', body: '{{item.title}} {{#money}}item.price{{/money}}' },
      webhook: { data: { text: '{{user.id}}: {{item.title}}' } },
    },
  },
};

export function aMessage(change: Partial<MessageInput> = {}): MessageInput {
  return {
    messageId: 'msg_1',
    trigger: 'price-drop',
    version: 2,
    variant: null,
    channel: 'webhook',
    category: 'marketing',
    template: { id: 'price-drop', version: 1 },
    locale: 'ko',
    values: { user: { id: 'u1' }, item: { title: '실반지', price: 68000, currency: 'KRW' } },
    createdAt: NOW - 1_000,
    expiresAt: NOW + 3_600_000,
    priority: 50,
    ...change,
  };
}

/** Everything that happened is in `log`, in order. */
export function aWorld() {
  const log: string[] = [];
  const claims = new Map<string, ClaimResult[]>();
  const settled: [string, string, Settlement][] = [];
  const rows = new Map<string, DeliveryRecord>();
  const extras: DeliveryExtras[] = [];
  const requests: { id: string | null; body: string }[] = [];
  const clock = { now: NOW };
  const world = {
    log,
    claims,
    settled,
    rows,
    extras,
    requests,
    answers: [] as (Response | Error)[],
    failing: new Map<string, number>(),
    channels: new Map<Channel, ChannelSettings>([
      ['webhook', { id: 'webhook', provider: 'webhook', settings: { url: 'https://shop.example.com/h' } }],
    ]),
    policies: DEFAULT_POLICIES as Policies,
    publicUrl: 'https://edge.example.com' as string | null,
    triggers: new Map<string, { document: Pick<Trigger, 'budget'> }>(),
    template: template as Template | null,
    /** What is refused, by address: `phone:+821012345678`. */
    refusals: new Map<string, StandingRefusal[]>(),
    isDevelopment: true,
    secret: SECRET,
    /** Instead of the real one. */
    adapter: null as ChannelAdapter | null,
    /** Instead of scripted claims. */
    profile: null as {
      claim(id: string): ClaimResult;
      settle(id: string, settlement: Settlement): void;
    } | null,
    perMinute: null as number | null,
    /** How long a template takes to read. */
    slowDocumentsMs: 0,
    clock,
    limiters: limiters(() => clock.now),
    memory: emptyMemory(),
    alerts: [] as Alert[],
    /** By default nobody waits for time. */
    sleep: (_ms: number): Promise<void> => new Promise(() => {}),
  };
  /** Fails the next so many calls of the kind. */
  const step = (name: string) => {
    log.push(name);
    const failures = world.failing.get(name) ?? 0;
    if (failures === 0) return;
    world.failing.set(name, failures - 1);
    throw new Error(`${name} failed`);
  };
  const deps = (): DispatchDeps => ({
    profile: (key) => ({
      claim: async (id) => {
        step('claim');
        if (world.profile) return world.profile.claim(id);
        return claims.get(`${key}/${id}`)?.shift() ?? { kind: 'gone', reason: 'settled' };
      },
      settle: async (id, settlement) => {
        step('settle');
        world.profile?.settle(id, settlement);
        settled.push([key, id, settlement]);
      },
    }),
    documents: {
      config: async () => {
        step('config');
        const { channels, policies, publicUrl, triggers } = world;
        return { channels, policies, publicUrl, triggers };
      },
      template: async () => {
        step('template');
        clock.now += world.slowDocumentsMs;
        return world.template;
      },
      secret: async () => world.secret,
    },
    deliveries: {
      read: async (id) => {
        step('read');
        return rows.get(id) ?? null;
      },
      record: async (record, more) => {
        step('record');
        rows.set(record.id, record);
        extras.push(more);
      },
      stream: async () => step('stream'),
      reopen: async (id, attempts) => {
        step('reopen');
        const row = rows.get(id);
        if (row && row.attempts <= attempts) rows.set(id, { ...row, status: 'queued', reason: 'queued' });
      },
    },
    signLink: (text) => signUnsubscribe({ ID_SECRET: 'dispatch-world' }, text),
    addresses: {
      key: async ({ kind, value }) => `${kind}:${value}`,
      refusals: async (key) => {
        step('refusals');
        return world.refusals.get(key) ?? [];
      },
    },
    limiter: (name) => world.limiters.of(name),
    memory: world.memory,
    sleep: world.sleep,
    alert: (alert) => world.alerts.push(alert),
    route: (...about) => {
      if (!world.adapter) return routeFor(...about);
      const { adapter, perMinute } = world;
      return { adapter, settings: {}, ...(perMinute !== null && { perMinute }) };
    },
    fetch: async (_, init) => {
      step('send');
      requests.push({ id: new Headers(init.headers).get('webhook-id'), body: String(init.body) });
      const answer = world.answers.shift() ?? new Response(null, { status: 204 });
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => clock.now,
    isDevelopment: world.isDevelopment,
  });
  const consume = async (
    bodies: unknown[],
    attempts = 1,
    waitUntil?: (work: Promise<unknown>) => void,
  ): Promise<unknown[]> => {
    const answers: unknown[] = [];
    const messages = bodies.map((body, i) => ({
      id: `q${i}`,
      timestamp: new Date(NOW),
      attempts,
      body: body as DispatchMessage,
      ack: () => {
        answers[i] = 'ack';
      },
      retry: (options?: QueueRetryOptions) => {
        answers[i] = options?.delaySeconds;
      },
    }));
    const batch = { queue: 'reflex-dispatch', messages } as unknown as MessageBatch<DispatchMessage>;
    await consumeDispatch(batch, {} as Env, deps(), waitUntil);
    return answers;
  };
  return { ...world, world, consume };
}

export const hint = (messageId = 'msg_1', profile = 'p1'): DispatchMessage => ({
  v: 1,
  kind: 'message',
  profile,
  messageId,
});
export const claimed = (message = aMessage(), attempt = 1): ClaimResult => ({
  kind: 'claimed',
  attempt,
  message,
});

/** A provider that would send twice what it is given twice. */
export function anAdapter(
  answer: (message: OutgoingMessage) => SendResult | Promise<SendResult>,
  more: Partial<ChannelAdapter> = {},
): ChannelAdapter & { calls: string[] } {
  const calls: string[] = [];
  return {
    provider: 'sms',
    capabilities: solapiAdapter.capabilities,
    idempotent: false,
    keepsContent: false,
    ...more,
    calls,
    send: async (message) => {
      calls.push(message.id);
      return answer(message);
    },
    ...(more.send && { send: more.send }),
  };
}
