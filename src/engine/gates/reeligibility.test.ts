import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Reeligibility, Step } from '../trigger.ts';

const hello = (reeligibility: Reeligibility, steps: Step[] = [send()]) =>
  aTrigger({ reeligibility, steps, entry: { key: ['event.properties.k'] } });

function life(reeligibility: Reeligibility, steps?: Step[]) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [hello(reeligibility, steps)] }) });
  const say = (k = 'a') => reasonOf(profile.track('Hello', { k }));
  /** Shows what waits and says that it was seen. */
  const see = () => {
    for (const { id } of profile.next()) profile.ack('Viewed', id);
  };
  return { profile, say, see };
}

describe('counting what was sent', () => {
  test('never sends once', () => {
    const { profile, say } = life({ mode: 'never' });
    expect([say(), say('b')]).toEqual(['sent', 'not_eligible']);
    profile.advance('3000d');
    expect(say()).toBe('not_eligible');
  });

  test('always sends every time, up to max over the profile’s life', () => {
    const { profile, say } = life({ mode: 'always', max: 3 });
    expect([say(), say(), say(), say()]).toEqual(['sent', 'sent', 'sent', 'not_eligible']);
    profile.advance('3000d');
    expect(traceOf(profile.track('Hello'))).toMatchObject({ path: 'reeligibility.max', values: { sent: 3 } });
  });

  test('a cooldown is over to the millisecond', () => {
    const { profile, say } = life({ mode: 'cooldown', after: '1d' });
    expect(say()).toBe('sent');
    profile.advanceTo(profile.now + 86_400_000 - 1);
    expect(say()).toBe('not_eligible');
    profile.advanceTo(profile.now + 1);
    expect([say(), say()]).toEqual(['sent', 'not_eligible']);
  });

  test('a cooldown has its max too', () => {
    const { profile, say } = life({ mode: 'cooldown', after: '1h', max: 2 });
    const said = [0, 1, 2].map(() => {
      profile.advance('2h');
      return say();
    });
    expect(said).toEqual(['sent', 'sent', 'not_eligible']);
  });

  test('per key, each key is counted by itself', () => {
    const never = life({ mode: 'never', per: 'key' });
    expect([never.say('a'), never.say('b'), never.say('a'), never.say('b')]).toEqual([
      'sent',
      'sent',
      'not_eligible',
      'not_eligible',
    ]);
    const max = life({ mode: 'always', per: 'key', max: 2 });
    expect([max.say('a'), max.say('a'), max.say('a'), max.say('b')]).toEqual([
      'sent',
      'sent',
      'not_eligible',
      'sent',
    ]);
    const cooldown = life({ mode: 'cooldown', after: '1d', per: 'key' });
    expect([cooldown.say('a'), cooldown.say('b'), cooldown.say('a')]).toEqual([
      'sent',
      'sent',
      'not_eligible',
    ]);
  });

  test('after the session lets it through again in the next one', () => {
    const { profile, say } = life({ mode: 'cooldown', after: 'session' });
    expect([say(), say()]).toEqual(['sent', 'not_eligible']);
    profile.advance('30m');
    expect(say()).toBe('not_eligible');
    profile.advance('31m');
    expect([say(), say()]).toEqual(['sent', 'not_eligible']);
  });

  test('what was refused was not sent', () => {
    const missing = [send({ template: 'missing' })];
    const { profile, say } = life({ mode: 'never' }, missing);
    expect(say()).toBe('render_error');
    profile.config = aConfig({ triggers: [hello({ mode: 'never' })] });
    expect(say()).toBe('sent');
  });

  test('no new version of a trigger resets it', () => {
    const { profile, say } = life({ mode: 'never' });
    say();
    profile.config = aConfig({ triggers: [live(hello({ mode: 'never' }), { version: 2, activatedAt: 99 })] });
    expect(say()).toBe('not_eligible');
  });

  test('a hold-out counts as sent', () => {
    const { profile, say } = life({ mode: 'never' });
    profile.state.log.set('hello\n', { held_out: { n: 1, recent: [[profile.now, '']], byChannel: {} } });
    expect(say()).toBe('not_eligible');
  });
});

describe('counting what was shown', () => {
  test.each<[Reeligibility['mode'], Partial<Reeligibility>]>([
    ['never', {}],
    ['always', { max: 1 }],
    ['cooldown', { after: '14d' }],
  ])('%s ends with the message that was seen', (mode, rest) => {
    const { say, see } = life({ mode, counts: 'shown', ...rest });
    expect(say()).toBe('sent');
    see();
    expect(say()).toBe('not_eligible');
  });

  test('a message that nobody saw comes back; it isn’t made a second time', () => {
    const { profile, say, see } = life({ mode: 'never', counts: 'shown' });
    say();
    const [first] = profile.next();
    profile.advance('1m');
    expect(say()).toBe('not_eligible');
    expect(profile.next().map(({ id }) => id)).toEqual([first?.id]);
    see();
    expect(profile.next()).toEqual([]);
  });

  test('a message that expired unseen was not shown', () => {
    const { profile, say } = life({ mode: 'never', counts: 'shown' });
    say();
    profile.advance('30m');
    expect(say()).toBe('sent');
  });

  test('a cooldown runs from when it was seen', () => {
    const { profile, say, see } = life({ mode: 'cooldown', after: '1h', counts: 'shown' });
    say();
    profile.advance('20m');
    see();
    profile.advance('59m');
    expect(say()).toBe('not_eligible');
    profile.advance('1m');
    expect(say()).toBe('sent');
  });

  test('per key, the other key may be shown', () => {
    const { say, see } = life({ mode: 'never', counts: 'shown', per: 'key' });
    say('a');
    see();
    expect([say('a'), say('b')]).toEqual(['not_eligible', 'sent']);
  });

  test('what counts as shown is what was seen, not what was sent', () => {
    const { profile, say } = life({ mode: 'always', counts: 'shown', max: 1 }, [
      send({ channels: ['push'] }),
    ]);
    profile.consent('push');
    expect([say(), say()]).toEqual(['sent', 'sent']);
    const [push] = profile.dispatch();
    profile.ack('Clicked', push?.messageId ?? '');
    expect(say()).toBe('not_eligible');
  });
});

describe('counting entries', () => {
  const slow: Step[] = [{ id: 'wait', wait: '1h' }, send()];

  test('a run under way is one', () => {
    const { say } = life({ mode: 'never', counts: 'entry' }, slow);
    expect([say('a'), say('b')]).toEqual(['waiting', 'not_eligible']);
    const perKey = life({ mode: 'never', counts: 'entry', per: 'key' }, slow);
    expect([perKey.say('a'), perKey.say('b')]).toEqual(['waiting', 'waiting']);
  });

  test('a run that ended without a send was none', () => {
    const refused: Step[] = [{ id: 'wait', wait: '1h' }, send({ channels: ['email'] })];
    const { profile, say } = life({ mode: 'never', counts: 'entry' }, refused);
    expect(say()).toBe('waiting');
    profile.advance('1h');
    expect(profile.trace.at(-1)?.reason).toBe('no_consent');
    expect(say()).toBe('waiting');
  });

  test('a run that an exit ended after its send was one', () => {
    const trigger = aTrigger({
      reeligibility: { mode: 'never', counts: 'entry' },
      exit: [{ on: { event: 'Bye' } }],
      steps: [send(), { id: 'wait', wait: '1h' }, send({ id: 'again' })],
    });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.track('Hello');
    expect(reasonOf(profile.track('Bye'))).toBe('exited');
    expect(reasonOf(profile.track('Hello'))).toBe('not_eligible');
  });

  test('a run that waits doesn’t count itself, and another key’s under way does for the user', () => {
    const held = [send(), { id: 'wait', wait: '1h' }, send({ id: 'again' })] as Step[];
    const { profile, say } = life({ mode: 'never', counts: 'entry' }, held);
    expect([say('a'), profile.sends()]).toEqual(['waiting', 1]);
    expect(say('b')).toBe('not_eligible');
    profile.advance('1h');
    expect(profile.sends()).toBe(2);
    expect(traceOf(profile.track('Hello', { k: 'b' }))).toMatchObject({
      reason: 'not_eligible',
      path: 'reeligibility.mode',
      values: { entry: 1 },
    });
  });

  test('a cooldown runs from the entry', () => {
    const { profile, say } = life({ mode: 'cooldown', after: '2h', counts: 'entry' }, slow);
    say();
    profile.advance('119m');
    expect(say()).toBe('not_eligible');
    profile.advance('1m');
    expect(say()).toBe('waiting');
  });
});
