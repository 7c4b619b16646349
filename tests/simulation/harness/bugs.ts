/**
 * Bugs planted where the project meets its surroundings, to see that the simulation would find them: each stands for a
 * line that somebody might forget. The shipped code is left alone.
 */

import type { DispatchDeps } from '../../../src/dispatch/dispatch-deps.ts';
import { hash53 } from '../../../src/engine/hash.ts';
import type { FanoutDeps } from '../../../src/fanout/fanout-consumer.ts';
import type { ObjectKind, SimObject } from './sim-object.ts';

type Row = Record<string, unknown>;

export interface Bug {
  what: string;
  /** What is sent with a call. */
  args?(kind: ObjectKind, method: string, args: unknown[]): unknown[];
  /** What a call is answered with. */
  answer?(object: SimObject, method: string, args: unknown[], answer: unknown): unknown;
  afterRead?(object: SimObject, query: string, rows: Row[]): Row[];
  /** False: the statement is forgotten. */
  allows?(object: SimObject, query: string, bindings: unknown[]): boolean;
  setsAlarm?(object: SimObject): boolean;
  /** False: what a failed transaction wrote stays. */
  rollsBack?(): boolean;
  answersBeforeCommit?: true;
  /** Nobody sees that an alarm rings once more because it died the last time. */
  forgetsRetries?: true;
  /** Nothing is offered again by an alarm. */
  offersOnce?: true;
  dispatch?(deps: DispatchDeps): DispatchDeps;
  fanout?(deps: FanoutDeps): FanoutDeps;
  /** All channels are called again whatever became of the call before. */
  everythingIsIdempotent?: true;
  /** A configuration once read stays. */
  keepsConfig?: true;
  /** What a document says when it is read. */
  document?(body: string): string;
}

const onLog =
  (change: (entry: { events: unknown[]; delta: unknown[][] }) => void) =>
  ({ kind }: SimObject, query: string, rows: Row[]): Row[] => {
    if (kind !== 'PROFILE' || !query.includes('FROM log')) return rows;
    return rows.map((row) => {
      const entry = JSON.parse(row.body as string);
      change(entry);
      return { ...row, body: JSON.stringify(entry) };
    });
  };

type State = { sections: [name: string, entries: unknown[]][] };

export const BUGS: Record<string, Bug> = {
  dedupe_forgets: {
    what: 'a wake loads the state and forgets which events it has seen',
    afterRead: onLog((entry) => {
      entry.events = [];
    }),
  },
  fact_key_reused: {
    what: 'the number of the newest fact is not kept over a wake',
    afterRead: onLog((entry) => {
      entry.delta = entry.delta.filter(([section, key]) => !(section === 'meta' && key === 'factSeq'));
    }),
  },
  snapshot_lost: {
    what: 'the snapshot is not written when the log begins anew',
    allows: ({ kind }, query) => kind !== 'PROFILE' || !query.startsWith('INSERT INTO snapshot'),
  },
  answer_before_commit: {
    what: 'an answer leaves before what it tells is durable',
    answersBeforeCommit: true,
  },
  settle_before_d1: {
    what: 'a result is settled in the profile although D1 did not take it',
    dispatch: (deps) => ({
      ...deps,
      deliveries: {
        ...deps.deliveries,
        record: (record, more) => deps.deliveries.record(record, more).catch(() => {}),
      },
    }),
  },
  alarm_not_rearmed: {
    what: 'an alarm that has been handled sets no further one',
    setsAlarm: ({ isRinging }) => !isRinging,
  },
  alarm_gives_up: { what: 'an alarm that dies half-way is left to the platform', forgetsRetries: true },
  offered_once: { what: 'the outbox is offered once, right after the commit', offersOnce: true },
  lease_ignored: {
    what: 'a channel that is not idempotent is called again after a lease that was lost',
    everythingIsIdempotent: true,
  },
  merge_loses_outbox: {
    what: 'a merge takes over all but the messages that wait in the outbox',
    answer: ({ kind }, method, _args, answer) => {
      const handover = (answer as { handover?: { state: string } } | null)?.handover;
      if (kind !== 'PROFILE' || method !== 'freeze' || !handover) return answer;
      const state = JSON.parse(handover.state) as State;
      const sections = state.sections.map(([name, entries]) => [name, name === 'outbox' ? [] : entries]);
      return {
        ...(answer as object),
        handover: { ...handover, state: JSON.stringify({ ...state, sections }) },
      };
    },
  },
  merge_loses_history: {
    what: 'a merge takes over the state, and not which events it has seen',
    answer: ({ kind }, method, _args, answer) => {
      const handover = (answer as { handover?: object } | null)?.handover;
      if (kind !== 'PROFILE' || method !== 'freeze' || !handover) return answer;
      return { ...(answer as object), handover: { ...handover, history: [] } };
    },
  },
  notice_without_version: {
    what: 'the id of a price notice names the item and not its version',
    args: (kind, method, args) => {
      if (kind !== 'PROFILE' || method !== 'ingest') return args;
      const [request] = args as [{ events: { name: string; messageId: string }[] }];
      const events = request.events.map((event) =>
        event.name === '$item' ? { ...event, messageId: event.messageId.replace(/:\d+:/, ':') } : event,
      );
      return [{ ...request, events }];
    },
  },
  pause_ignored: { what: 'a configuration that was read stays in force', keepsConfig: true },
  caps_ignored: {
    what: 'caps are not in force',
    document: (body) => (body.includes('"id":"caps"') ? '{"id":"caps","rules":[]}' : body),
  },
  claim_ignores_consent: {
    what: 'a claim does not ask for consent again',
    answer: ({ kind, storage }, method, args, answer) => {
      const { reason } = (answer ?? {}) as { reason?: string };
      if (kind !== 'PROFILE' || method !== 'claim' || reason !== 'no_consent') return answer;
      const rows = storage.peek('SELECT body FROM log ORDER BY seq DESC') as { body: string }[];
      const writes = rows.flatMap(
        ({ body }) => (JSON.parse(body) as { delta: [string, string, unknown][] }).delta,
      );
      const [, , entry] = writes.find(([, key, value]) => key === args[0] && value !== null) ?? [];
      const { input } = (entry ?? {}) as { input?: unknown };
      return input ? { kind: 'claimed', attempt: 1, message: input } : answer;
    },
  },
  exits_ignored: {
    what: 'an exit ends nothing',
    document: (body) => body.replace('"event":"Order Completed"}}],"steps"', '"event":"Never"}}],"steps"'),
  },
  night_ignored: {
    what: 'the night rule is not in force',
    document: (body) => body.replace('"jurisdiction":"KR"', '"jurisdiction":"none"'),
  },
  page_settled_early: {
    what: 'a page is settled although not every profile on it was told',
    fanout: (deps) => ({
      ...deps,
      profile: (key) => ({
        ingest: async (request) =>
          isSkipped(request.events[0]?.messageId ?? '')
            ? { kind: 'done' as const }
            : deps.profile(key).ingest(request),
      }),
    }),
  },
  push_forgotten: {
    what: 'the catalog does not keep which watchers it owes a change',
    allows: ({ kind }, query) => kind !== 'CATALOG' || !query.includes('INTO pushes'),
  },
  half_a_transaction: {
    what: 'what a failed transaction had written stays',
    rollsBack: () => false,
  },
};

/** Of what is told, the same one in eight in every life. */
function isSkipped(id: string): boolean {
  return hash53(id) % 8 === 0;
}
