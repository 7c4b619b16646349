import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The one that `npm ci` brings: the one that runs this may be too old to strip types. */
const node = `${root}node_modules/node/bin/node`;

const SCRIPT = `
  import { simulate } from 'reflex/simulate';
  const template = { id: 't', defaultLocale: 'ko', locales: { ko: { in_app: { layout: 'modal', title: '안녕하세요' } } } };
  const trigger = { id: 'hi', category: 'marketing', entry: { on: [{ event: '$page' }] }, reeligibility: { mode: 'never' },
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 't' } }] };
  const call = { method: 'POST', path: '/v1/page?sync=1', body: { anonymousId: 'a' } };
  const { failures, messages } = await simulate({
    documents: { templates: [template], triggers: [trigger] },
    life: [{ at: '2027-03-02T10:00:00+09:00', call, expect: { messages: [{ contains: ['안녕하세요'] }] } }],
  });
  console.log(JSON.stringify([failures.length, messages.length]));
`;

test.skipIf(!existsSync(node))('`reflex/simulate` runs in plain Node, with nothing built', () => {
  const answer = execFileSync(node, ['--input-type=module', '-e', SCRIPT], { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(answer)).toEqual([0, 1]);
});
