/** That no report or export reads a table from end to end: SQLite's own plan for each query that it makes. */
import { expect, test } from 'vitest';
import { aTrigger } from '../../src/engine/testing/builders.ts';
import { readAudience } from '../../src/store/audience-report.ts';
import { readDecisionReport } from '../../src/store/decision-report.ts';
import { clearDecisions, exportDecisions, hasDecisions, keepDecisions } from '../../src/store/decisions.ts';
import { readExperiment, readHoldout } from '../../src/store/experiment-report.ts';
import { readTriggerReport } from '../../src/store/trigger-report.ts';
import { memoryD1 } from '../support/memory-d1.ts';

async function plansOf(report: (db: D1Database) => Promise<unknown>): Promise<string[]> {
  const { db, rows } = memoryD1();
  const asked: string[] = [];
  const spying = {
    prepare: (sql: string) => {
      asked.push(sql);
      return db.prepare(sql);
    },
    batch: (statements: D1PreparedStatement[]) => db.batch(statements),
  };
  await report(spying as unknown as D1Database);
  expect(asked.length).toBeGreaterThan(0);
  return asked.flatMap((sql) =>
    rows<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail),
  );
}

const TABLES = [
  'deliveries',
  'holdouts',
  'conversions',
  'reactions',
  'exposures',
  'active_days',
  'journey_stages',
  'decisions',
];
const scanned = (plans: string[]) =>
  plans.filter((plan) => new RegExp(`^SCAN (${TABLES.join('|')}|e|s)\\b`).test(plan));

const span = { fromAt: 0, toAt: 1 };
const context = { currency: 'KRW', now: 1 };

/** One row has to be there: without any, nothing more is asked. */
async function decisionReport(db: D1Database): Promise<unknown> {
  const decided = { eventKey: 'e', name: 'Hello', answers: [] };
  await db.batch(
    keepDecisions(db, [{ profileKey: 'p', facts: [{ seq: 1, kind: 'decided', at: 0, decided }] }]),
  );
  return readDecisionReport(db, 'hello', span, { now: 1 });
}

test.each([
  ['a trigger', (db: D1Database) => readTriggerReport(db, 'hello', span, context)],
  ['all triggers', (db: D1Database) => readTriggerReport(db, null, span, context)],
  [
    'an experiment',
    (db: D1Database) => readExperiment(db, aTrigger(), 'x', { currency: 'KRW', workspaceShare: 0 }),
  ],
  ['the workspace’s hold-out', (db: D1Database) => readHoldout(db, 0.1, 'KRW')],
  ['decisions, to be exported', (db: D1Database) => exportDecisions(db, span, null)],
  ['decisions, where there are any', (db: D1Database) => hasDecisions(db, span)],
  ['decisions that are too old', (db: D1Database) => clearDecisions(db, 1, 10)],
  ['a trigger’s decisions', (db: D1Database) => decisionReport(db)],
  ['the audience', (db: D1Database) => readAudience(db, { from: 1, to: 2 }, span)],
])('what is asked of %s goes by indexes', async (_, report) => {
  const plans = await plansOf(report);
  expect(scanned(plans)).toEqual([]);
  expect(plans.join('\n')).toMatch(/SEARCH/);
});
