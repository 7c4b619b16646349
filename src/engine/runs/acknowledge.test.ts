import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { type Acknowledgement, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';

function life(channel: Channel, changes: Partial<Trigger> = {}) {
  const trigger = aTrigger({ steps: [send({ channels: [channel] })], ...changes });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
  profile.consent('push');
  profile.track('Hello');
  const id = profile.inbox()[0]?.id ?? profile.outbox()[0]?.messageId ?? '';
  const counted = () => {
    const { shown, clicked, dismissed } = profile.state.log.get('hello\n') ?? {};
    return { shown: shown?.n ?? 0, clicked: clicked?.n ?? 0, dismissed: dismissed?.n ?? 0 };
  };
  const told = () => profile.facts.map(({ kind }) => kind).filter((kind) => !/created|queued/.test(kind));
  const say = (...kinds: Acknowledgement[]) => {
    for (const kind of kinds) profile.ack(kind, id);
  };
  return { profile, id, counted, told, say };
}

describe('an in-app message', () => {
  test('counts as shown when that is said, not when it is fetched', () => {
    const { profile, counted, say } = life('in_app');
    profile.next();
    profile.advance('29m');
    expect([profile.next().length, counted().shown]).toEqual([1, 0]);
    say('Viewed');
    expect([profile.next().length, counted().shown]).toEqual([0, 1]);
  });

  test.each<[string, Acknowledgement[], { shown: number; clicked: number; dismissed: number }]>([
    ['seen twice is seen once', ['Viewed', 'Viewed'], { shown: 1, clicked: 0, dismissed: 0 }],
    ['clicked was seen', ['Clicked'], { shown: 1, clicked: 1, dismissed: 0 }],
    ['dismissed was seen', ['Dismissed'], { shown: 1, clicked: 0, dismissed: 1 }],
    [
      'seen after it was clicked was seen once',
      ['Clicked', 'Viewed'],
      { shown: 1, clicked: 1, dismissed: 0 },
    ],
    [
      'clicked twice is clicked once',
      ['Viewed', 'Clicked', 'Clicked'],
      { shown: 1, clicked: 1, dismissed: 0 },
    ],
    [
      'dismissed, then clicked, is both',
      ['Dismissed', 'Clicked', 'Dismissed'],
      { shown: 1, clicked: 1, dismissed: 1 },
    ],
    ['that could not be shown was not', ['Failed'], { shown: 0, clicked: 0, dismissed: 0 }],
  ])('%s', (_name, kinds, expected) => {
    const { counted, told, say } = life('in_app');
    say(...kinds);
    expect(counted()).toEqual(expected);
    const { shown, clicked, dismissed } = expected;
    expect(told().filter((kind) => kind !== 'message_failed')).toHaveLength(shown + clicked + dismissed);
  });

  test.each<Acknowledgement>(['Viewed', 'Clicked', 'Dismissed', 'Failed'])(
    'is not handed out after %s',
    (kind) => {
      const { profile, say } = life('in_app');
      say(kind);
      expect(profile.next()).toEqual([]);
    },
  );

  test('that expired after it was seen is not seen a second time', () => {
    const { profile, counted, say } = life('in_app');
    say('Viewed');
    profile.advance('31m');
    profile.wake();
    say('Viewed', 'Clicked');
    expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 0 });
  });
});

describe('a card', () => {
  test('stays until it is dismissed', () => {
    const { profile, say } = life('card');
    say('Viewed', 'Clicked');
    profile.advance('29d');
    expect(profile.next()).toHaveLength(1);
    say('Dismissed');
    expect(profile.next()).toEqual([]);
  });

  test('or until it expires', () => {
    const { profile, say } = life('card');
    say('Viewed');
    profile.advance('30d');
    expect(profile.next()).toEqual([]);
  });

  test('counts each acknowledgement once', () => {
    const { counted, say } = life('card');
    say('Viewed', 'Clicked', 'Clicked', 'Viewed', 'Dismissed', 'Clicked');
    expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 1 });
  });
});

describe('a push', () => {
  test('that is opened was shown and clicked, once', () => {
    const { profile, counted, say } = life('push');
    profile.dispatch();
    say('Clicked', 'Viewed', 'Clicked');
    expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 0 });
  });

  test('may be opened before the dispatcher has reported', () => {
    const { profile, id, counted, say } = life('push');
    profile.claim(id);
    say('Clicked');
    expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 0 });
    profile.settle(id);
    say('Clicked');
    expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 0 });
  });

  test('that nobody has sent yet cannot be opened', () => {
    const { profile, counted, say } = life('push');
    say('Clicked');
    expect(counted()).toEqual({ shown: 0, clicked: 0, dismissed: 0 });
    expect(profile.dispatch()).toHaveLength(1);
  });
});

describe('an id that is none of the user’s', () => {
  test.each(['', 'msg_unknown', '__proto__', 5, null])('%j changes no message', (messageId) => {
    const { profile, told } = life('in_app');
    const before = profile.inbox();
    for (const kind of ['Viewed', 'Clicked', 'Dismissed', 'Failed']) {
      profile.track(`Message ${kind}`, { message_id: messageId });
    }
    expect([profile.inbox(), told()]).toEqual([before, []]);
  });

  test('though it is somebody else’s message', () => {
    const [mine, theirs] = [life('in_app'), life('in_app')];
    const other = new VirtualProfile({ config: theirs.profile.config, id: 'u2' });
    other.track('Hello');
    mine.profile.ack('Dismissed', other.inbox()[0]?.id ?? '');
    expect(mine.profile.inbox()).toHaveLength(1);
    expect(other.inbox()[0]?.id).not.toBe(mine.id);
  });
});

describe('an acknowledgement', () => {
  test('is an ordinary event: it counts, and triggers may listen to it', () => {
    const { profile, id } = life('in_app');
    profile.config = aConfig({
      triggers: [aTrigger({ id: 'after', entry: { on: [{ event: 'Message Clicked' }] } })],
    });
    profile.ack('Clicked', id);
    expect(profile.inbox().map(({ trigger }) => trigger)).toEqual(['after']);
    expect(profile.state.counts.get('Message Clicked')?.n).toBe(1);
  });

  test('is remembered for the newest hundred messages that are gone', () => {
    const { profile, say, counted } = life('in_app');
    say('Dismissed');
    for (let i = 0; i < 105; i++) {
      profile.track('Hello');
      profile.ack('Dismissed', profile.inbox()[0]?.id ?? '');
    }
    profile.track('Other');
    expect(profile.state.settled.size).toBe(100);
    const before = counted();
    say('Clicked');
    expect(counted()).toEqual(before);
  });
});
