import { expect, it } from 'vitest';
import type { Env } from '../bindings.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { OTHER_DOCUMENTS } from './document-resources.ts';

const channels = OTHER_DOCUMENTS.find(({ kind }) => kind === 'channel');

function pathsRefused(input: JsonObject, environment: string): string[] {
  const result = channels?.check(input, { ENVIRONMENT: environment } as Env);
  return result?.kind === 'invalid' ? result.issues.map(({ path }) => path) : [];
}

const secret = `whsec_${'A'.repeat(44)}`;
it.each([
  [
    'an address of this machine in a provider’s place',
    'settings.endpoint',
    {
      id: 'line',
      provider: 'line',
      settings: { endpoint: 'http://127.0.0.1:4010' },
      secret: 'channel-access-token',
    },
  ],
  ['the log', 'provider', { id: 'push', provider: 'log' }],
  [
    'http',
    'settings.url',
    { id: 'webhook', provider: 'webhook', settings: { url: 'http://a.example.com' }, secret },
  ],
  [
    'a webhook on this machine',
    'settings.url',
    { id: 'webhook', provider: 'webhook', settings: { url: 'https://127.0.0.1:8080/' }, secret },
  ],
] satisfies [string, string, JsonObject][])('%s is for development', (_, path, input) => {
  expect(pathsRefused(input, 'development')).toEqual([]);
  expect(pathsRefused(input, 'production')).toEqual([path]);
});

it('a provider’s own address is for production too', () => {
  const line = { id: 'line', provider: 'line', settings: {}, secret: 'channel-access-token' };
  expect(pathsRefused(line, 'production')).toEqual([]);
});
