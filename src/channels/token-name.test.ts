import { expect, it } from 'vitest';
import { tokenName } from './token-name.ts';

it('has a name that tells accounts and secrets apart and shows neither secret', async () => {
  const name = await tokenName('fcm', 'shop', 'secret-1');
  expect(name).toMatch(/^fcm:shop:[0-9a-f]{16}$/);
  expect(await tokenName('fcm', 'shop', 'secret-1')).toBe(name);
  expect(await tokenName('fcm', 'shop', 'secret-2')).not.toBe(name);
});
