import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../documents.ts';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';
import { eventKeyOf } from './tell-decisions.ts';

const workspace = { ...DEFAULT_POLICIES.workspace, exportDecisions: true };
const BUYS = aTrigger({
  id: 'buys',
  entry: { on: [{ event: 'Hello' }], if: { did: 'Bought', count: { gte: 1 } } },
});

function life(triggers: Trigger[] = [aTrigger(), BUYS], policies = {}) {
  return new VirtualProfile({ config: aConfig({ triggers, policies: { workspace, ...policies } }) });
}

const told = ({ facts }: VirtualProfile) => facts.flatMap(({ decided }) => (decided ? [decided] : []));

describe('where the workspace exports decisions', () => {
  test('an event that triggers answered is told once, with every answer and nothing of what somebody typed', () => {
    const profile = life();
    const messageId = 'the id of somebody';
    const event = profile.anEvent('Hello', { query: 'typed by somebody' }, { messageId });
    const { trace } = profile.receive(event);
    profile.receive(event);
    const sent = trace.find(({ reason }) => reason === 'sent');
    expect(told(profile)).toEqual([
      {
        eventKey: eventKeyOf(event.messageId),
        name: 'Hello',
        answers: [
          { trigger: 'buys', version: 1, reason: 'not_matched' },
          { trigger: 'hello', version: 1, reason: 'sent', messageId: sent?.messageId },
        ],
      },
    ]);
    expect(JSON.stringify(profile.facts)).not.toContain('somebody');
  });

  test('an event to which no trigger listens is not', () => {
    const profile = life();
    profile.track('Nothing');
    expect(told(profile)).toEqual([]);
  });

  test('what time brings is told under the name that the log gives it: after the commit to come', () => {
    const profile = life([
      aTrigger({ entry: { on: [{ event: 'Hello' }] }, steps: [{ id: 'wait', wait: '1h' }, send()] }),
    ]);
    profile.track('Hello');
    profile.state.meta.seq = 7;
    profile.advance('2h');
    expect(told(profile).map(({ eventKey, name, answers }) => [eventKey, name, answers[0]?.reason])).toEqual([
      [expect.any(String), 'Hello', 'waiting'],
      [eventKeyOf('$timer:8'), '$timer', 'sent'],
    ]);
  });

  test('what a dispatcher reports is told where a trigger listens to it', () => {
    const hears = aTrigger({ id: 'hears', entry: { on: [{ message: 'sent', trigger: 'hello' }] } });
    const profile = life([aTrigger({ steps: [send({ channels: ['webhook'] })] }), hears]);
    profile.track('Hello');
    profile.dispatch();
    expect(told(profile).at(-1)).toMatchObject({
      name: '$timer',
      answers: [{ trigger: 'hears', reason: 'sent' }],
    });
  });

  test('versions in shadow are not told, and change nothing of what is', () => {
    const shadowed = life();
    const plain = life();
    const triggers = [aTrigger(), BUYS];
    shadowed.config = aConfig({
      triggers,
      policies: { workspace },
      shadows: [live(aTrigger(), { version: 2, activatedAt: shadowed.now })],
    });
    for (const profile of [shadowed, plain]) profile.track('Hello');
    expect(shadowed.facts.some(({ kind }) => kind === 'shadow')).toBe(true);
    const ofLive = ({ facts }: VirtualProfile) => facts.filter(({ kind }) => kind !== 'shadow');
    expect(ofLive(shadowed)).toEqual(ofLive(plain));
  });

  test('of very many answers each is told once, in facts that a queue can carry', () => {
    const many = Array.from({ length: 250 }, (_, i) => aTrigger({ id: `t${i}` }));
    const profile = life(many);
    profile.track('Hello');
    const answers = told(profile).map((one) => one.answers.length);
    expect(answers).toEqual([100, 100, 50]);
    expect(new Set(told(profile).flatMap((one) => one.answers.map(({ trigger }) => trigger))).size).toBe(250);
  });

  test('a name as long as an event is cut, and half a character is none', () => {
    const name = `${'a'.repeat(199)}😀${'b'.repeat(10_000)}`;
    const profile = life([aTrigger({ entry: { on: [{ event: name }] } })]);
    profile.track(name);
    expect(told(profile)).toMatchObject([{ name: `${'a'.repeat(199)}\ufffd` }]);
  });
});

test('where it doesn’t, nothing is', () => {
  for (const exportDecisions of [false, undefined]) {
    const { exportDecisions: _, ...rest } = workspace;
    const profile = life([aTrigger(), BUYS], {
      workspace: exportDecisions === undefined ? rest : { ...rest, exportDecisions },
    });
    profile.track('Hello');
    expect(told(profile)).toEqual([]);
  }
});
