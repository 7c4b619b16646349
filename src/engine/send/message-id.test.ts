import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import { messageId, messageIsValid } from './message-id.ts';

const parts = fc.tuple(fc.string(), fc.string(), fc.string(), fc.string(), fc.string(), fc.nat());

describe('a message id', () => {
  test('is the same for the same message, and another for any other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(parts, { selector: (one) => JSON.stringify(one), minLength: 2 }), (all) => {
        const ids = all.map((one) => messageId(...one));
        expect(ids).toEqual(all.map((one) => messageId(...one)));
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('fits everywhere: plain characters, well under a hundred', () => {
    fc.assert(
      fc.property(parts, (one) => {
        expect(messageId(...one)).toMatch(/^msg_[0-9a-z]{22}_[0-9a-z]{11}_[0-9a-z]{1,11}$/);
      }),
    );
  });

  test('differs between runs, steps and channels of one life', () => {
    const trigger = aTrigger({
      entry: { key: ['event.properties.k'] },
      steps: [
        send({ channels: ['push', 'email', 'card'], mode: 'all' }),
        { id: 'wait', wait: '1h' },
        send({ id: 'again', channels: ['push', 'card'], mode: 'all' }),
      ],
    });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.consent('push');
    profile.consent('email');
    for (const k of ['a', 'b', 'c']) profile.track('Hello', { k });
    profile.advance('1h');
    const ids = [
      ...profile.inbox().map(({ id }) => id),
      ...profile.outbox().map((message) => message.messageId),
    ];
    expect([ids.length, new Set(ids).size]).toEqual([15, 15]);
  });

  test('is the same in a life lived again', () => {
    const lived = () => {
      const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
      profile.track('Hello');
      return profile.inbox().map(({ id }) => id);
    };
    expect(lived()).toEqual(lived());
  });
});

describe('whether a message may still be shown', () => {
  const config = aConfig({ triggers: [aTrigger()] });
  const id = messageId('p', '1', 's', 'in_app', 'hello', 10_000);

  test('is told by its id alone, until it expires', () => {
    expect([messageIsValid(config, id, 9_999), messageIsValid(config, id, 10_000)]).toEqual([true, false]);
  });

  test('ends when the trigger is paused, gone or stopped with all others', () => {
    for (const other of [
      aConfig({ triggers: [live(aTrigger(), { state: 'paused' })] }),
      aConfig(),
      aConfig({ triggers: [aTrigger()], stopped: true }),
    ]) {
      expect(messageIsValid(other, id, 0)).toBe(false);
    }
  });

  test.each(['', 'msg_', 'msg_x_y_z', `${id}x!`, ` ${id}`, id.toUpperCase()])(
    'is denied for %j',
    (forged) => {
      expect(messageIsValid(config, forged, 0)).toBe(false);
    },
  );
});
