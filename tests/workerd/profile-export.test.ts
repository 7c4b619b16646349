/** A user is told everything. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { eventKeyOf } from '../../src/engine/reporting/tell-decisions.ts';
import { type ExportLine, exportLineSchema } from '../../src/protocol/export-schema.ts';
import { keepDeadLetter } from '../../src/store/dead-letters.ts';
import {
  LIKED_ITEM,
  liveMarked,
  type Marks,
  marksIn,
  newMarks,
  publishForMarked,
  REVENUE,
} from '../support/marked-life.ts';
import { anEvent, profileOf, send, user, visitor } from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

async function exportOf(userId: string): Promise<{ text: string; lines: ExportLine[] }> {
  const { status, headers, text } = await api.server('GET', `/v1/profiles/${userId}/export`);
  expect(status, text).toBe(200);
  expect(headers.get('content-type')).toContain('application/x-ndjson');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => exportLineSchema.parse(JSON.parse(line)));
  return { text, lines };
}

function of<T extends ExportLine['type']>(lines: ExportLine[], type: T): Extract<ExportLine, { type: T }>[] {
  return lines.filter((line) => line.type === type) as Extract<ExportLine, { type: T }>[];
}

describe('GET /v1/profiles/:userId/export', () => {
  let marks: Marks;
  beforeAll(async () => {
    await publishForMarked(api, 'http://127.0.0.1:9/');
    marks = newMarks();
    await liveMarked(api, marks);
  });

  it('tells whatever an erasure would have to find, each line in the form that is documented', async () => {
    const { text, lines } = await exportOf(marks.userId);
    expect(marksIn(text, marks)).toEqual(Object.keys(marks));
    expect(text).toContain(String(REVENUE));
    expect(lines[0]).toMatchObject({ type: 'profile', userId: marks.userId });
    expect(lines.at(-1)).toEqual({ type: 'end', lines: lines.length - 1 });
    expect(of(lines, 'identity')).toEqual([
      { type: 'identity', anonymousId: marks.anonymousId, outcome: 'merged' },
    ]);
    expect(of(lines, 'trait')).toContainEqual(expect.objectContaining({ name: 'name', value: marks.name }));
    expect(of(lines, 'consent')).toMatchObject([
      { channel: 'email', granted: false, source: 'provider', evidence: 'resend complained' },
      { channel: 'push', granted: true, source: marks.consentSource, evidence: null },
    ]);
    expect(of(lines, 'delivery_report')).toMatchObject([{ kind: 'complained', provider: 'resend' }]);
    expect(of(lines, 'device')).toMatchObject([{ kind: 'fcm', platform: 'ios' }]);
    expect(of(lines, 'relation')).toContainEqual(
      expect.objectContaining({ relation: 'liked', itemId: LIKED_ITEM, active: true }),
    );
    expect(of(lines, 'event_count')).toContainEqual(expect.objectContaining({ event: 'Opened', count: 70 }));
    expect(of(lines, 'run').map(({ trigger }) => trigger)).toContain('marked-waits');
    expect(of(lines, 'delivery').map(({ trigger }) => trigger)).toContain('marked-pushes');
    expect(of(lines, 'conversion')).toContainEqual(
      expect.objectContaining({ trigger: 'marked-pushes', goal: 'bought', value: REVENUE }),
    );
    expect(of(lines, 'shadow_send').map(({ trigger }) => trigger)).toContain('marked-pushes');
    expect(of(lines, 'exported_decisions').map(({ eventKey }) => eventKey)).toContain(
      eventKeyOf(marks.messageId),
    );
    expect(of(lines, 'holdout').map(({ trigger }) => trigger)).toContain('marked-ghosts');
    expect(of(lines, 'exposure')).toMatchObject([{ trigger: 'marked-ghosts', heldOut: true }]);
    expect(of(lines, 'reaction')).toMatchObject([{ kind: 'push_disabled' }]);
    expect(of(lines, 'active_day')).toHaveLength(1);
    expect(of(lines, 'journey_stage').map(({ stage }) => stage)).toContain('purchased');
  });

  it('tells the content of messages as rendered, and of those not rendered yet what they are rendered from', async () => {
    const { lines } = await exportOf(marks.userId);
    const messages = of(lines, 'message');
    expect(messages.find(({ state }) => state === 'in_app')?.content).toMatchObject({
      title: expect.any(String),
    });
    expect(messages.find(({ state }) => state === 'leaving')?.values).toMatchObject({
      user: { id: marks.userId },
    });
    const pushed = of(lines, 'delivery').filter(
      ({ trigger, content }) => trigger === 'marked-pushes' && content,
    );
    expect(pushed.map(({ content }) => content?.title)).toContain(marks.name);
  });

  it('tells every event in full, once, with what each trigger decided and why', async () => {
    const { lines } = await exportOf(marks.userId);
    const events = of(lines, 'event');
    const opened = events.filter(({ name }) => name === 'Opened').map(({ properties }) => properties.own);
    expect(opened.sort()).toEqual(Array.from({ length: 70 }, (_, i) => `${marks.ownProperty}-${i}`).sort());
    const search = events.find(({ messageId }) => messageId === marks.messageId);
    expect(search?.decisions).toContainEqual(
      expect.objectContaining({ id: 'marked-counts', reason: 'not_matched', path: expect.any(String) }),
    );
    expect(search?.decisions).toContainEqual(expect.objectContaining({ id: 'marked-shows', reason: 'sent' }));
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(events.length);
  });

  it('tells what stands in the dead letters', async () => {
    const { key } = await user(marks.userId);
    const letter = { source: 'reflex-facts-dead', profileKey: key, messageId: null, code: 'queue_gave_up' };
    await keepDeadLetter(env.DB, {
      id: 'letter-1',
      ...letter,
      attempts: 9,
      body: { seen: 1 },
      createdAt: 1,
      expiresAt: null,
    }).run();
    const { lines } = await exportOf(marks.userId);
    expect(of(lines, 'dead_letter')).toMatchObject([{ id: 'letter-1', body: { seen: 1 } }]);
  });

  it('follows an anonymous id to its user, and is 404 for nobody', async () => {
    const { lines } = await exportOf(`anon:${marks.anonymousId}`);
    expect(lines[0]).toMatchObject({ userId: marks.userId });
    expect(await api.server('GET', '/v1/profiles/nobody/export')).toMatchObject({ status: 404 });
    expect(await api.client('GET', `/v1/profiles/${marks.userId}/export`)).toMatchObject({ status: 403 });
  });
});

it('a large profile comes in many pages, none of them large, and loses nothing that changes between them', async () => {
  const ref = await visitor('exports much');
  const big = 'x'.repeat(1_900);
  const traits = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`t${String(i).padStart(3, '0')}`, i]),
  );
  await send(ref, [anEvent('$identify', {}, { traits })]);
  for (let i = 0; i < 20; i++) {
    await send(
      ref,
      Array.from({ length: 50 }, () => anEvent('Read', { big })),
    );
  }
  const rpc = profileOf(ref) as never as import('../../src/protocol/profile-data-rpc.ts').ProfileDataRpc;
  let cursor: string | null = null;
  const names: unknown[] = [];
  let events = 0;
  let pages = 0;
  do {
    const page = await rpc.exportPage(cursor);
    if (page.kind !== 'page') throw new Error(page.kind);
    expect(JSON.stringify(page.lines).length).toBeLessThan(600_000);
    for (const line of page.lines) {
      if (line.type === 'trait') names.push(line.name);
      if (line.type === 'event' && line.name === 'Read') events += 1;
    }
    // A trait that is written again stands last in its section from now on.
    if (pages === 0)
      await send(ref, [anEvent('$identify', {}, { traits: { t000: 'again', t199: 'again' } })]);
    cursor = page.cursor;
    pages += 1;
  } while (cursor !== null);
  expect(pages).toBeGreaterThan(8);
  expect(events).toBe(1_000);
  expect(new Set(names).size).toBe(200);
});
