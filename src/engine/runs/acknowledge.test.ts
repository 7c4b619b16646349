import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../documents.ts';
import { composeContent } from '../send/compose-content.ts';
import { aConfig, aTemplate, aTrigger, send } from '../testing/builders.ts';
import { type Acknowledgement, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';
import type { MessageInput } from '../vocabulary.ts';

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

describe('a page that a message’s link opened', () => {
  const open = (id: string, where: 'url' | 'search' = 'url') => ({
    context: {
      page: where === 'url' ? { url: `https://shop.kr/p?rfx_mid=${id}` } : { search: `?rfx_mid=${id}` },
    },
  });

  test.each(['url', 'search'] as const)(
    'is a click, said once, by whatever event comes first (%s)',
    (where) => {
      const { profile, id, counted, told } = life('push');
      profile.dispatch();
      profile.track('Product Viewed', {}, open(id, where));
      profile.page('Home', {}, open(id, where));
      expect(counted()).toEqual({ shown: 1, clicked: 1, dismissed: 0 });
      expect(told()).toEqual(['message_shown', 'message_clicked']);
      profile.ack('Clicked', id);
      expect(counted().clicked).toBe(1);
    },
  );

  test('takes an in-app message off the screen, and leaves a card', () => {
    for (const [channel, left] of [
      ['in_app', 0],
      ['card', 1],
    ] as const) {
      const { profile, id, counted } = life(channel);
      profile.page('Home', {}, open(id));
      const clickedAt = profile.inbox()[0]?.clickedAt;
      profile.advance('1m');
      const again = profile.page('Home', {}, open(id));
      expect([profile.inbox().length, profile.inbox()[0]?.clickedAt, counted().clicked]).toEqual([
        left,
        clickedAt,
        1,
      ]);
      expect(again.delta.some(([section]) => section === 'inbox' || section === 'log')).toBe(false);
    }
  });

  test('is nothing for another user, for an id that nobody knows, and where it was imported', () => {
    const { profile, id, counted, told } = life('push');
    const other = life('push', { id: 'other' });
    profile.dispatch();
    profile.page('Home', {}, open('msg_0000000000000000000000_00000000000_0'));
    profile.page('Home', {}, { ...open(id), imported: true });
    const stranger = new VirtualProfile({ config: profile.config, id: 'u2' });
    expect(stranger.page('Home', {}, open(id)).delta.some(([section]) => section === 'log')).toBe(false);
    expect([counted().clicked, other.counted().clicked, told()]).toEqual([0, 0, []]);
  });

  test('is known by the call’s own `url` where that is the address, and not where it is a product’s', () => {
    const { profile, id, counted } = life('push');
    profile.dispatch();
    profile.track('Product Viewed', { url: `https://shop.kr/p?rfx_mid=${id}` });
    expect(counted().clicked).toBe(0);
    profile.track('Deep Link Opened', { url: `https://shop.kr/p?rfx_mid=${id}` });
    expect(counted().clicked).toBe(1);
  });

  test('says nothing of a message beside the one that an acknowledgement names', () => {
    const { profile, id, counted } = life('push');
    profile.dispatch();
    profile.ack('Viewed', 'msg_unknown', open(id));
    expect(counted()).toEqual({ shown: 0, clicked: 0, dismissed: 0 });
  });
});

test('links are tagged by the message’s own frozen word, so that an attempt after the policy changed has the same bytes', () => {
  const push = { title: 't', body: 'b', link: 'https://shop.kr/p' };
  const template = aTemplate({ locales: { ko: { push } } });
  const trigger = aTrigger({ steps: [send({ channels: ['push'] })] });
  const workspace = { ...DEFAULT_POLICIES.workspace };
  const inputs = [true, false].map((tagLinks) => {
    const config = aConfig({
      triggers: [trigger],
      templates: [template],
      policies: { workspace: { ...workspace, tagLinks } },
    });
    const profile = new VirtualProfile({ config });
    profile.consent('push');
    profile.track('Hello');
    return profile.outbox()[0] as MessageInput;
  });
  const links = inputs.map((input) => {
    const policies = { ...DEFAULT_POLICIES, workspace: { ...workspace, tagLinks: !input.tagLinks } };
    const composed = composeContent(input, template, { policies, channels: new Map() });
    return composed.kind === 'composed' && composed.content.link;
  });
  expect(links).toEqual([`https://shop.kr/p?rfx_mid=${inputs[0]?.messageId}`, 'https://shop.kr/p']);
});
