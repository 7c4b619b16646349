import { expect, it } from 'vitest';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';

it('a message that nobody looked at is over with the next event, not only with the next timer', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
  profile.track('Hello');
  profile.advance('31m');
  profile.track('Other');
  expect(profile.inbox()).toEqual([]);
  expect(profile.state.runs.size).toBe(0);
  expect(profile.facts.map(({ kind }) => kind)).toContain('message_expired');
});

it('somebody who never looks is told again after hundreds of messages', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
  for (let i = 0; i < 250; i++) {
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
    profile.advance('31m');
  }
});

it('a message that expires in the very moment of its acknowledgement counts as shown', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
  profile.track('Hello');
  const [message] = profile.next();
  profile.advance('30m');
  profile.ack('Viewed', message?.id ?? '');
  expect(profile.state.log.get('hello\n')?.shown?.n).toBe(1);
});
