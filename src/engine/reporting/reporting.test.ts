import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { JsonObject } from '../vocabulary.ts';

const told = { id: 'reports', journey: true, activity: true } as const;

function life(policies = {}, kind: 'user' | 'anonymous' = 'user', id = 'u1') {
  const triggers = [
    aTrigger(),
    aTrigger({ id: 'pushes', entry: { on: [{ event: 'Ring' }] }, steps: [send({ channels: ['push'] })] }),
  ];
  return new VirtualProfile({ config: aConfig({ triggers, policies }), id, kind });
}

const reactions = ({ facts }: VirtualProfile) =>
  facts.flatMap(({ reaction }) => (reaction ? [reaction] : []));
const stages = ({ facts }: VirtualProfile) => facts.flatMap(({ stage }) => (stage ? [stage] : []));
const days = ({ facts }: VirtualProfile) => facts.flatMap(({ activity }) => (activity ? [activity.day] : []));

const consent = (profile: VirtualProfile, granted: boolean, more: JsonObject = {}) =>
  profile.track('$consent', { channel: 'push', purpose: 'marketing', granted, ...more });

/** Has consented, and got a push. */
function pushed(policies = {}) {
  const profile = life(policies);
  consent(profile, true);
  profile.advance('1m');
  profile.track('Ring');
  return profile;
}

describe('who leaves after a message', () => {
  test('by withdrawing consent is laid to the last message on that channel', () => {
    const profile = pushed();
    const sentAt = profile.now;
    profile.advance('1h');
    profile.track('Hello');
    consent(profile, false);
    expect(reactions(profile)).toEqual([
      { kind: 'opted_out', trigger: 'pushes', variant: null, channel: 'push', heldOut: false, sentAt },
    ]);
  });

  test('says so once: a consent that was refused before is no news', () => {
    const profile = pushed();
    consent(profile, false);
    consent(profile, false);
    profile.advance('1m');
    consent(profile, false, { channel: 'email' });
    expect(reactions(profile)).toHaveLength(1);
  });

  test('by taking back another purpose’s consent, or by granting, has not left', () => {
    const profile = pushed();
    consent(profile, false, { purpose: 'marketing_night' });
    consent(profile, true);
    expect(reactions(profile)).toEqual([]);
  });

  test.each(['Push Disabled', '$device_removed'])(
    'by %s is laid to a push, not to what was in the app',
    (name) => {
      const profile = pushed();
      profile.track('Hello');
      profile.track(name, { id: 'd1' });
      profile.track(name, { id: 'd2' });
      expect(reactions(profile)).toMatchObject([{ kind: 'push_disabled', trigger: 'pushes' }]);
    },
  );

  test('by removing the app is laid to whatever came last', () => {
    const profile = pushed();
    profile.advance('1m');
    profile.track('Hello');
    profile.track('Application Uninstalled');
    expect(reactions(profile)).toMatchObject([{ kind: 'uninstalled', trigger: 'hello', channel: 'in_app' }]);
  });

  test('has a day for it, to the millisecond', () => {
    for (const [more, n] of [
      [-1, 1],
      [0, 0],
    ] as const) {
      const profile = pushed();
      profile.advanceTo(profile.now + 86_400_000 + more);
      profile.track('Application Uninstalled');
      expect(reactions(profile)).toHaveLength(n);
    }
  });

  test('did so before the message, where the word comes late', () => {
    const profile = pushed();
    profile.advance('3h');
    profile.track('Application Uninstalled', {}, { timestamp: profile.now - 4 * 3_600_000 });
    expect(reactions(profile)).toEqual([]);
  });

  test('counts in the hold-out too', () => {
    const profile = pushed({ holdout: { id: 'holdout', share: 1 } });
    profile.track('Push Disabled');
    expect(reactions(profile)).toMatchObject([{ trigger: 'pushes', heldOut: true }]);
  });
});

describe('what the workspace’s report is told', () => {
  test('is nothing unless the policy asks', () => {
    const profile = life();
    for (const name of ['Product Viewed', 'Signed Up', 'Order Completed']) profile.track(name);
    expect([stages(profile), days(profile)]).toEqual([[], []]);
    expect(profile.state.meta).toMatchObject({ journey: 0, activeUntil: 0 });
  });

  test('is each stage once, in whichever order they come', () => {
    const profile = life({ reports: told });
    const orders = ['o1', 'o1', 'o2', 'o3'];
    for (const name of ['Product Viewed', 'Product Viewed', 'Signed Up', 'Product Added'])
      profile.track(name);
    for (const order_id of orders) profile.track('Order Completed', { order_id });
    expect(stages(profile)).toEqual(['entered', 'browsed', 'signed_up', 'acted', 'purchased', 'repurchased']);
    profile.advance('1d');
    profile.track('Hello');
    profile.advance('1d');
    profile.track('Hello');
    expect(stages(profile).slice(6)).toEqual(['returned']);
  });

  test('is each day once, on the workspace’s clock', () => {
    const profile = life({ reports: told });
    profile.track('Hello');
    profile.advance('11h');
    profile.track('Hello');
    profile.advance('1h');
    profile.track('Hello');
    profile.advance('5d');
    profile.track('Hello', {}, { origin: 'server' });
    profile.track('Hello', {}, { imported: true });
    profile.track('Hello');
    const [first = 0] = days(profile);
    expect(days(profile)).toEqual([first, first + 1, first + 6]);
    expect(profile.facts.flatMap(({ activity }) => activity?.firstDay ?? [])).toEqual([first, first, first]);
  });

  test('of who has become known is told on from there', () => {
    const visitor = life({ reports: told }, 'anonymous', 'a1');
    visitor.track('Product Viewed');
    const known = life({ reports: told });
    known.merge(visitor);
    known.track('Product Viewed');
    known.track('Signed Up');
    expect(stages(known)).toEqual(['signed_up']);
    expect(days(known)).toEqual([]);
    expect(known.facts.flatMap(({ merged }) => merged ?? [])).toEqual(['key-of-a1']);
  });
});
