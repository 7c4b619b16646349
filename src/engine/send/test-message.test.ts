import { describe, expect, test } from 'vitest';
import { applyDelta } from '../delta.ts';
import { aConfig, aTemplate, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import { testMessage } from './test-message.ts';

interface Asked {
  channel?: Channel | null;
  event?: Event | null;
  mark?: string | boolean;
  config?: Parameters<typeof aConfig>[0];
  consents?: Channel[];
}

/** Tries the trigger on somebody who bears the mark, and keeps what comes of it. */
function tried(document: Trigger, asked: Asked = {}) {
  const { channel = null, event = null, mark = true, consents = [] } = asked;
  const config = aConfig({ triggers: [document], ...asked.config });
  const profile = new VirtualProfile({ config });
  profile.identify({ reflexTest: mark });
  for (const one of consents) profile.consent(one);
  const trigger = config.triggers.get(document.id);
  if (!trigger) throw new Error('no trigger');
  const { state, now } = profile;
  const outcome = testMessage({ state, history: profile, config, now, trigger, channel, event, nonce: 'n1' });
  if (outcome.kind === 'put') applyDelta(state, outcome.delta);
  return { outcome, profile };
}
const refused = (reason: string, path: string, message: string) => ({
  kind: 'refused',
  reason,
  path,
  message,
});

describe('a test goes to who bears the mark, and to nobody else', () => {
  test.each([false, 'true', 'yes'])('%j is no mark', (mark) => {
    expect(tried(aTrigger(), { mark }).outcome).toEqual({ kind: 'not_marked' });
  });

  test('and to nobody while everything is stopped', () => {
    const { outcome } = tried(aTrigger(), { config: { stopped: true } });
    expect(outcome).toEqual(refused('paused', 'trigger', 'everything is stopped'));
  });
});

describe('a test', () => {
  const strict = aTrigger({
    entry: { if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } },
    experiment: { holdout: 1 },
    steps: [{ id: 'w', wait: '1d' }, send({ id: 'tell', surface: 'hero' }), send({ id: 'then' })],
  });

  test('is the first send, around the gates of its author, before whatever else is due', () => {
    const { outcome, profile } = tried(strict);
    expect(outcome).toMatchObject({ kind: 'put', channel: 'in_app' });
    const [message, ...more] = profile.inbox();
    expect(message).toMatchObject({ trigger: 'hello', surface: 'hero', priority: 100, test: true });
    expect(more).toEqual([]);
    expect(outcome).toMatchObject({ messageId: message?.id });
  });

  test('is counted nowhere, and leaves no run behind', () => {
    const { profile } = tried(strict);
    expect([profile.state.log.size, profile.state.runs.size, profile.state.capped.size]).toEqual([0, 0, 0]);
  });

  test('that leaves the app waits in the outbox, and still goes out when it is claimed', () => {
    const pushing = aTrigger({ steps: [send({ channels: ['push'] })] });
    const { outcome, profile } = tried(pushing, { consents: ['push'] });
    expect(outcome).toMatchObject({ kind: 'put', channel: 'push' });
    expect(profile.outbox()).toMatchObject([{ channel: 'push', trigger: 'hello', test: true }]);
    expect(profile.dispatch()).toHaveLength(1);
    expect(profile.sends()).toBe(0);
  });

  test('on a channel that is asked for is the first send on it', () => {
    const both = aTrigger({
      steps: [send({ channels: ['push'] }), send({ id: 'b', channels: ['card', 'in_app'] })],
    });
    const { outcome, profile } = tried(both, { channel: 'in_app' });
    expect(outcome).toMatchObject({ kind: 'put', channel: 'in_app' });
    expect(profile.inbox()).toHaveLength(1);
    expect(tried(both, { channel: 'sms' }).outcome).toEqual(
      refused('no_channel', 'steps', 'no step sends on `sms`'),
    );
  });

  test('without a channel is on the first that may be sent on', () => {
    const either = aTrigger({ steps: [send({ channels: ['push', 'in_app'] })] });
    expect(tried(either).outcome).toMatchObject({ kind: 'put', channel: 'in_app' });
    expect(tried(either, { consents: ['push'] }).outcome).toMatchObject({ kind: 'put', channel: 'push' });
  });

  test('keeps to consent, and says on which channel it is missing', () => {
    const pushing = aTrigger({ steps: [send({ channels: ['push', 'email'] })] });
    expect(tried(pushing).outcome).toEqual(refused('no_consent', 'steps.show.send.channels', '`email`'));
    expect(tried(pushing, { channel: 'push' }).outcome).toEqual(
      refused('no_consent', 'steps.show.send.channels', '`push`'),
    );
  });

  test('needs a provider for what leaves the app, and none for what stays in it', () => {
    const none = { config: { logsByDefault: false }, consents: ['push'] as Channel[] };
    const on = (channel: Channel) =>
      tried(aTrigger({ steps: [send({ channels: [channel] })] }), none).outcome;
    expect(on('push')).toEqual(refused('no_channel', 'steps.show.send.channels', '`push`'));
    for (const channel of ['in_app', 'card'] as const)
      expect(on(channel)).toMatchObject({ kind: 'put', channel });
  });

  test('is filled from the event that is given', () => {
    const config = { templates: [aTemplate({}, '{{item.id}}')] };
    const someone = new VirtualProfile({ config: aConfig() });
    const event = someone.anEvent('Product Viewed', products('ring'));
    expect(tried(aTrigger(), { config, event }).profile.inbox()).toMatchObject([
      { content: { body: 'ring' } },
    ]);
    const { outcome } = tried(aTrigger(), { config });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'render_error', path: 'steps.show.item.id' });
  });

  test('of a group has the one item that is at hand', () => {
    const grouped = aTrigger({
      entry: { on: [{ item: 'price_drop' }], group: { within: '1h', max: 5 } },
    });
    const config = { templates: [aTemplate({}, '{{#entry.items}}[{{id}} {{price}}]{{/entry.items}}')] };
    expect(tried(grouped, { config }).profile.inbox()).toMatchObject([
      { content: { body: '[preview 9000]' } },
    ]);
  });
});
