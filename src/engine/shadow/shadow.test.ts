import { describe, expect, it } from 'vitest';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

const LIVE = aTrigger({ category: 'transactional', reeligibility: { mode: 'never' } });
const beside = (trigger: Trigger, at: number, others: Trigger[] = [LIVE]) =>
  aConfig({ triggers: others, shadows: [live(trigger, { version: 2, activatedAt: at })] });
const told = ({ facts }: VirtualProfile) =>
  facts.flatMap(({ kind, seq, message }) =>
    kind === 'shadow' ? [[seq, message?.version, message?.reason]] : [],
  );

describe('a shadow version', () => {
  it('is explained beside the live one, with what it would have answered', () => {
    const profile = new VirtualProfile({ config: aConfig() });
    profile.config = beside({ ...LIVE, reeligibility: { mode: 'always' } }, profile.now);
    const { trace } = profile.track('Hello');
    expect(trace.map(({ version, reason }) => `${version} ${reason}`)).toEqual(['1 sent', '2 shadow']);
    expect(traceOf({ trace })?.values).toEqual({ would: 'sent' });
    expect(profile.inbox()).toHaveLength(1);
    profile.track('Hello');
    expect(told(profile)).toEqual([
      [-1, 2, 'sent'],
      [-2, 2, 'sent'],
    ]);
  });

  it('remembers what the live version had done before it was set up, as a new version would', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [LIVE] }) });
    profile.track('Hello');
    profile.advance('1m');
    profile.config = beside(LIVE, profile.now);
    expect(traceOf(profile.track('Hello'))?.values).toMatchObject({ would: 'not_eligible' });
    expect(told(profile)).toEqual([]);
  });

  it('would take a surface from who is less than it, and not from who is more', () => {
    const would = (priority: number) => {
      const profile = new VirtualProfile({ config: aConfig() });
      profile.config = beside({ ...LIVE, priority }, profile.now, [
        aTrigger({ id: 'other', priority: 60, category: 'transactional' }),
      ]);
      return traceOf(profile.track('Hello'))?.values?.would;
    };
    expect([would(70), would(60), would(50)]).toEqual(['sent', 'outranked', 'outranked']);
  });

  it('goes on by its own time, and leaves nothing behind when it is stopped', () => {
    const profile = new VirtualProfile({ config: aConfig() });
    const waits: Trigger = {
      ...LIVE,
      reeligibility: { mode: 'always' },
      steps: [{ id: 'wait', wait: '1h' as const }, send()],
    };
    profile.config = beside(waits, profile.now);
    profile.track('Hello');
    expect(profile.state.shadows.get('hello')?.runs).toHaveLength(1);
    profile.advance('2h');
    expect(told(profile)).toEqual([[-1, 2, 'sent']]);
    profile.track('Hello');
    profile.config = aConfig({ triggers: [LIVE] });
    profile.advance('2h');
    expect([profile.state.shadows.size, told(profile).length]).toEqual([0, 1]);
  });

  it('is over once its version, or a later one, has gone live', () => {
    const config = aConfig({ triggers: [live(LIVE, { version: 2 })], shadows: [live(LIVE, { version: 2 })] });
    expect(config.shadows).toEqual([]);
  });
});
