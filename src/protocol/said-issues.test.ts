/** That a fault is told with its code, and with what it speaks of, however deep in a document it stands. */
import { expect, test } from 'vitest';
import { checkTemplateInput, checkTriggerInput } from './document-checks.ts';
import type { Checked } from './schema-kit.ts';

function saidOf(checked: Checked<unknown>): Record<string, unknown> {
  const issues = checked.kind === 'invalid' ? checked.issues : [];
  return Object.fromEntries(issues.map(({ path, code, values }) => [path, [code, values]]));
}

test('the faults of a trigger’s form', () => {
  const trigger = {
    ...{ id: 'Price Drop', priority: 101, catgory: 'x', category: 'marketing', name: 7 },
    entry: {
      on: [{ event: 'Seen' }],
      if: { all: [{ not: { field: 'user.traits.tier', op: 'equals' } }] },
    },
    steps: [],
    delivery: { expireAfter: 'soon' },
  };
  expect(saidOf(checkTriggerInput(trigger))).toEqual({
    id: ['bad_id', {}],
    priority: ['too_big', { most: 100 }],
    catgory: ['unknown_field', { nearest: 'category' }],
    name: ['wrong_kind', { expected: 'string', found: 'number' }],
    steps: ['empty', {}],
    'delivery.expireAfter': ['bad_expiry', {}],
    reeligibility: ['missing', { expected: 'object' }],
    'entry.if.all.0.not.op': ['not_one_of', { legal: expect.stringMatching(/^`eq`, `ne`/), nearest: '' }],
  });
});

test('what contradicts itself in a trigger, and what no text can show', () => {
  const trigger = {
    ...{ id: 'late', category: 'transactional', reeligibility: { mode: 'cooldown' } },
    entry: { on: [{ event: 'Seen' }], if: { field: 'user.trait.tier', op: 'exists' } },
    steps: [{ id: 'wait', wait: '1h' }],
  };
  expect(saidOf(checkTriggerInput(trigger))).toMatchObject({
    transactionalReason: ['no_transactional_reason', {}],
    'reeligibility.after': ['no_cooldown', {}],
    steps: ['no_send', {}],
    'entry.if.field': ['no_such_path', { before: 'user', step: 'trait', nearest: 'traits' }],
  });
  const locales = { ko: { push: { body: '{{usr.id}}', link: 'javascript:alert(1)' } } };
  expect(saidOf(checkTemplateInput({ id: 'odd', defaultLocale: 'en', locales }))).toMatchObject({
    defaultLocale: ['no_default_locale', { locale: 'en', known: 'ko' }],
    'locales.ko.push.body': ['nothing_fills', { read: '`usr.id`', nearest: 'user' }],
    'locales.ko.push.link': ['unsafe_link', { scheme: 'javascript' }],
  });
});
