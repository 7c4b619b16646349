/** Why people did not get it, in a trigger's report: as far as decisions are kept, and never read without end. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Reason } from '../../src/engine/reasons.ts';
import type { Fact } from '../../src/engine/vocabulary.ts';
import { readDecisionReport } from '../../src/store/decision-report.ts';
import { DECISIONS_KEPT_MS } from '../../src/store/decisions.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { admin } from '../support/admin-client.ts';
import { publish } from '../support/profile-world.ts';

const DAY = 86_400_000;
const AT = Date.UTC(2031, 0, 20);
const always = { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER };
let seq = 0;

afterEach(async () => {
  await env.DB.prepare('DELETE FROM decisions').run();
  await admin('DELETE', 'policies/workspace');
});

/** A fact of each, of another person; `other` answers beside it. */
async function decide(...all: { reason: Reason; at?: number; who?: string }[]): Promise<void> {
  const profiles = all.map(({ reason, at = AT, who }) => {
    seq += 1;
    const answers = [
      { trigger: 'other', version: 1, reason: 'sent' as const },
      { trigger: 'asked', version: 1, reason },
    ];
    const fact: Fact = { seq, kind: 'decided', at, decided: { eventKey: `e${seq}`, name: 'Hello', answers } };
    return { profileKey: who ?? `asked-${seq}`, facts: [fact] };
  });
  await applyFacts(env.DB, profiles);
}

/** Of these the trigger was not asked. */
async function decideOthers(count: number): Promise<void> {
  const profiles = Array.from({ length: count }, (_, i) => {
    const answers = [{ trigger: 'other', version: 1, reason: 'sent' as const }];
    const decided = { eventKey: `o${i}`, name: 'Hello', answers };
    return { profileKey: `other-${i}`, facts: [{ seq: 1, kind: 'decided' as const, at: AT - 1, decided }] };
  });
  await applyFacts(env.DB, profiles);
}

/** As D1 counts them, and charges for them. */
async function rowsRead(work: (db: D1Database) => Promise<unknown>): Promise<number> {
  let rows = 0;
  const counting = {
    prepare(sql: string) {
      const statement = env.DB.prepare(sql);
      const bind = (...values: unknown[]) => {
        const bound = statement.bind(...values);
        return Object.assign(bound, { all: async () => (await counting.batch([bound]))[0] });
      };
      return Object.assign(Object.create(statement), statement, { bind });
    },
    async batch(statements: D1PreparedStatement[]) {
      const results = await env.DB.batch(statements);
      for (const { meta } of results) rows += meta.rows_read;
      return results;
    },
  };
  await work(counting as unknown as D1Database);
  return rows;
}

const report = (span = always, more: { mostEvents?: number } = {}) =>
  readDecisionReport(env.DB, 'asked', span, { now: AT, ...more });

describe('decisions in a trigger’s report', () => {
  it('tell who did not get it under the last reason, and who got it at any time as one who did', async () => {
    await decide(
      { reason: 'not_matched', who: 'late', at: AT - 3 },
      { reason: 'sent', who: 'late', at: AT - 2 },
      { reason: 'not_eligible', who: 'late', at: AT - 1 },
      { reason: 'not_matched', who: 'never', at: AT - 2 },
      { reason: 'no_consent', who: 'never', at: AT - 1 },
      { reason: 'not_matched' },
    );
    expect(await report()).toEqual({
      sinceAt: AT - 3,
      decided: { decisions: 6, people: 3 },
      fired: { decisions: 1, people: 1 },
      reasons: [
        { reason: 'not_matched', decisions: 3, people: 1 },
        { reason: 'no_consent', decisions: 1, people: 1 },
        { reason: 'sent', decisions: 1, people: 1 },
        { reason: 'not_eligible', decisions: 1, people: 0 },
      ],
    });
  });

  it('are counted from the span’s beginning, or from when they are kept, and nothing is promised beyond', async () => {
    await decide({ reason: 'sent', at: AT - 5 * DAY }, { reason: 'sent', at: AT - DAY });
    const told = async (fromAt: number, toAt: number) => {
      const { sinceAt, decided } = await report({ fromAt, toAt });
      return [sinceAt, decided.decisions];
    };
    expect(await told(AT - 28 * DAY, AT)).toEqual([AT - 5 * DAY, 2]);
    expect(await told(AT - 2 * DAY, AT)).toEqual([AT - 2 * DAY, 1]);
    expect(await told(AT - 28 * DAY, AT - 5 * DAY)).toEqual([null, 0]);
    // Not removed yet, for that is done now and then.
    await decide({ reason: 'sent', at: AT - DECISIONS_KEPT_MS - 1 });
    expect(await told(AT - 28 * DAY, AT)).toEqual([AT - DECISIONS_KEPT_MS, 2]);
  });

  it('are read up to a number, the newest: of a millisecond either all or none', async () => {
    await decide(...[5, 4, 4, 3, 2].map((before) => ({ reason: 'sent' as const, at: AT - before })));
    const counted = [1, 2, 3, 4, 5].map(async (mostEvents) => {
      const { sinceAt, decided } = await report(always, { mostEvents });
      return [AT - (sinceAt ?? 0), decided.decisions];
    });
    expect(await Promise.all(counted)).toEqual([
      [2, 1],
      [3, 2],
      [3, 2],
      [4, 4],
      [5, 5],
    ]);
  });

  it('cost two rows for each event of the span, nine more where the trigger answered, and none for any other', async () => {
    const many = (reason: Reason, at: number) => Array.from({ length: 50 }, () => ({ reason, at }));
    const cost = () =>
      rowsRead((db) => readDecisionReport(db, 'asked', { fromAt: AT - DAY, toAt: AT }, { now: AT }));
    const none = await cost();
    await decide(...many('sent', AT - 3 * DAY));
    const before = await cost();
    await decideOthers(50);
    const others = await cost();
    await decide(...many('sent', AT - 1));
    const each = [before - none, others - before, (await cost()) - others].map((rows) =>
      Math.round(rows / 50),
    );
    expect(each).toEqual([0, 2, 11]);
  });

  it('are none where nobody was decided about, which is not the same as not being kept', async () => {
    await publish({ id: 'asked', entry: { on: [{ event: 'Never' }] } });
    const none = { decisions: 0, people: 0 };
    const empty = { since: null, decided: none, fired: none, reasons: [] };
    const asked = async () => (await admin('GET', 'triggers/asked/report')).body.decisions;
    expect(await asked()).toEqual({ isKept: false, ...empty });
    await admin('PUT', 'policies/workspace', { exportDecisions: true });
    expect(await asked()).toEqual({ isKept: true, ...empty });
  });
});
