/**
 * What D1 is charged for, as D1 itself counts it: rows written, an index's entry being one too. README.md multiplies these
 * with the prices; whoever changes one changes what a million messages cost.
 */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/engine/vocabulary.ts';
import { clearDecisions, DECISIONS_KEPT_MS } from '../../src/store/decisions.ts';
import { raiseDeliveries } from '../../src/store/deliveries.ts';
import { applyFacts } from '../../src/store/facts.ts';

const AT = Date.UTC(2031, 0, 1);
let people = 0;

/** Rows written by whatever `work` hands to the database. */
async function rowsOf(work: (db: D1Database) => Promise<unknown>): Promise<number> {
  let rows = 0;
  const counting = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch(statements);
      for (const { meta } of results) rows += meta.rows_written;
      return results;
    },
  };
  await work(counting as unknown as D1Database);
  return rows;
}

function aFact(kind: Fact['kind'], more: Partial<Fact>): { profileKey: string; facts: Fact[] } {
  people += 1;
  return { profileKey: `paid-${people}`, facts: [{ seq: people, kind, at: AT, ...more }] };
}

const about = { trigger: 'paid', version: 1, variant: 'a', channel: 'in_app' } as const;
const message = (id: string) => ({ ...about, id, reason: 'shown' as const, createdAt: AT });
const told = (fact: ReturnType<typeof aFact>) => rowsOf((db) => applyFacts(db, [fact]));

describe('a batch of facts', () => {
  it('is written however full it is, though a statement takes 2 MB', async () => {
    const facts = Array.from(
      { length: 9_000 },
      (_, seq): Fact => ({
        ...{ seq, kind: 'segment_entered', at: AT },
        segment: { id: `full-${'s'.repeat(50)}-${seq}` },
      }),
    );
    const profiles = [
      { profileKey: 'full-1', facts: facts.slice(0, 4_000) },
      { profileKey: 'full-2', facts: facts.slice(4_000) },
    ];
    // What a value may have isn't enforced here, as it is in production.
    let longest = 0;
    const measuring = {
      prepare: (sql: string) => ({
        bind: (...values: unknown[]) => {
          for (const value of values) longest = Math.max(longest, String(value).length);
          return env.DB.prepare(sql).bind(...values);
        },
      }),
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
    };
    await applyFacts(measuring as unknown as D1Database, profiles);
    expect(longest).toBeLessThan(500_000);
    const count = "SELECT COUNT(*) AS n FROM segment_members WHERE segment_id LIKE 'full-%'";
    const row = await env.DB.prepare(count).first();
    expect(row).toEqual({ n: 9_000 });
  });
});

describe('rows written in D1', () => {
  it('of a message that leaves: one row and three index entries, and one for each later word of it', async () => {
    const record = {
      ...{
        id: 'paid-push',
        profileKey: 'paid-0',
        ...about,
        status: 'sent' as const,
        reason: 'sent' as const,
      },
      ...{ attempts: 1, createdAt: AT, sentAt: AT, updatedAt: AT },
    } as const;
    expect(await rowsOf((db) => db.batch(raiseDeliveries(db, [record])))).toBe(4);
    expect(await told(aFact('message_shown', { message: message('paid-push') }))).toBe(1);
    expect(await told(aFact('message_clicked', { message: message('paid-push') }))).toBe(1);
    expect(await told(aFact('message_clicked', { message: message('paid-push') }))).toBe(0);
  });

  it('of what reports are made of', async () => {
    const exposure = { message: { ...message('paid-2'), reason: 'queued' as const }, exposure: 'x' };
    const conversion = { ...about, goal: 'order', heldOut: false, value: 5, sentAt: AT, credited: true };
    const reaction = {
      kind: 'opted_out',
      trigger: 'paid',
      variant: null,
      channel: 'push',
      heldOut: false,
    } as const;
    expect({
      exposed: await told(aFact('exposed', exposure)),
      heldOut: await told(aFact('held_out', { message: message('paid-3') })),
      converted: await told(aFact('converted', { conversion })),
      reacted: await told(aFact('reacted', { reaction: { ...reaction, sentAt: AT } })),
      activeDay: await told(aFact('active', { activity: { day: 20_000, firstDay: 20_000 } })),
      entered: await told(aFact('reached_stage', { stage: 'entered' })),
      laterStage: await told(aFact('reached_stage', { stage: 'browsed' })),
    }).toEqual({ exposed: 2, heldOut: 3, converted: 2, reacted: 2, activeDay: 2, entered: 2, laterStage: 1 });
  });

  it('of an event whose decisions are exported: one and an index entry, and one when it goes', async () => {
    const answer = (trigger: string) => ({ trigger, version: 1, reason: 'not_matched' as const });
    const decided = { eventKey: 'e1', name: 'Opened', answers: ['a', 'b', 'c'].map(answer) };
    const fact = aFact('decided', { decided });
    expect([await told(fact), await told(fact)]).toEqual([2, 0]);
    const written: number[] = [];
    const counting = {
      prepare: (sql: string) => ({
        bind: (...values: unknown[]) => ({
          run: async () => {
            const result = await env.DB.prepare(sql)
              .bind(...values)
              .run();
            written.push(result.meta.rows_written);
            return result;
          },
        }),
      }),
    };
    await clearDecisions(counting as unknown as D1Database, AT + DECISIONS_KEPT_MS + 1, 100);
    await clearDecisions(counting as unknown as D1Database, AT + DECISIONS_KEPT_MS + 1, 100);
    expect(written).toEqual([1, 0]);
  });
});
