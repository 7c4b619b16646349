import { describe, expect, it } from 'vitest';
import { aTemplate, aTrigger, send } from '../engine/testing/builders.ts';
import { type SimulationInput, SimulationInputError, simulate } from './simulate.ts';

const LAW = { id: 'law', sender: { name: '담은', phone: '02-555-0101' } };

describe('what can’t be played is refused', () => {
  async function issuesOf(input: unknown) {
    try {
      await simulate(input as SimulationInput);
    } catch (error) {
      if (error instanceof SimulationInputError) return error.issues;
      throw error;
    }
    return [];
  }
  const hello = { templates: [aTemplate()], triggers: [aTrigger()] };

  it('documents that publishing would refuse, by their place', async () => {
    const misspelt = { ...aTrigger(), steps: [send({ template: 'helo' })] };
    expect(await issuesOf({ documents: { ...hello, triggers: [misspelt] }, life: [] })).toMatchObject([
      {
        path: 'documents.triggers.0.steps.0.send.template',
        message: expect.stringContaining('did you mean `hello`'),
      },
    ]);
    expect(await issuesOf({ documents: { policies: [{ id: 'cap' }] }, life: [] })).toMatchObject([
      { path: 'documents.policies.0.id' },
    ]);
    expect(await issuesOf({ documents: { ...hello, triggers: [aTrigger(), aTrigger()] }, life: [] })).toEqual(
      [{ path: 'documents.triggers.1.id', message: 'is the id of an earlier one' }],
    );
  });

  it('a life that goes back in time, or expects what nobody can tell', async () => {
    const life = [{ at: '2027-03-02T10:00:00Z' }, { at: '2027-03-01T10:00:00Z' }];
    expect(await issuesOf({ documents: {}, life })).toMatchObject([{ path: 'life.1.at' }]);
    const expected = { at: '2027-03-02T10:00:00Z', expect: { send: [] } };
    expect(await issuesOf({ documents: {}, life: [expected] })).toMatchObject([
      { path: 'life.0.expect.send', message: expect.stringContaining('did you mean `sent`') },
    ]);
  });

  it('a life that sets too much in motion', async () => {
    const always = aTrigger({
      entry: { on: [{ at: '2027-03-01T10:00:00Z', every: '1s' }] },
      steps: [send({ channels: ['push'] })],
    });
    const life = [
      { at: '2027-03-01T09:00:00Z', call: { method: 'POST', path: '/v1/page', body: { userId: 'u1' } } },
      { at: '2027-03-31T09:00:00Z' },
    ];
    expect(
      await issuesOf({ documents: { ...hello, policies: [LAW], triggers: [always] }, life }),
    ).toMatchObject([{ path: 'life', message: expect.stringContaining('100000 turns') }]);
  });
});
