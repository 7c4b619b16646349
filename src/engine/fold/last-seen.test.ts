import { expect, it } from 'vitest';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';

const LAPSED = aTrigger({ entry: { on: [{ inactive: '7d' }] } });
const server = { origin: 'server' } as const;

it('what a backend writes down about a user is no visit: nightly jobs end no silence', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [LAPSED] }) });
  profile.page('Home');
  for (let day = 0; day < 6; day++) {
    profile.advance('1d');
    profile.identify({ tier: day }, server);
    profile.consent('push');
  }
  profile.advance('1d');
  expect(reasonOf(profile)).toBe('sent');
});

it('somebody of whom only records exist has not fallen silent', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [LAPSED] }) });
  profile.identify({ name: '하늘' }, server);
  profile.consent('push');
  profile.advance('30d');
  expect(profile.trace).toEqual([]);
  expect(profile.state.meta.lastSeenAt).toBe(0);
});

it('an order that the backend tells is the user’s own doing', () => {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [LAPSED] }) });
  profile.page('Home');
  profile.advance('6d');
  profile.track('Order Completed', { order_id: 'o1' }, server);
  profile.advance('6d');
  expect(profile.trace).toEqual([]);
  profile.advance('1d');
  expect(reasonOf(profile)).toBe('sent');
});
