/** Rows of one condition: does it hold for this event, after this history? */
import { aTriggerIf, send } from '../../src/engine/testing/builders.ts';
import { traceOf, VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import { DAY_MS } from '../../src/engine/time/duration.ts';
import type { Condition, Operator } from '../../src/engine/trigger.ts';
import type { Json, JsonObject } from '../../src/engine/vocabulary.ts';
import { canonicalCommerce } from '../../src/ingest/ecommerce.ts';
import { type CaseDocuments, configOf } from './case-documents.ts';
import { type CaseEvent, type CaseHappening, happen, receive } from './case-profile.ts';

export interface ConditionCase {
  condition: Condition;
  profile?: { kind: 'user' | 'anonymous' };
  history?: CaseHappening[];
  event?: CaseEvent;
  now?: string;
  documents?: CaseDocuments;
  expect: boolean;
}

export interface OperatorCase {
  op: Operator;
  found?: Json;
  value?: JsonObject;
  match?: 'exact' | 'normalized';
  orMissing?: boolean;
  expect: boolean;
}

/** Wednesday noon in Seoul. */
const NOW = '2026-12-02T12:00:00+09:00';
const LONG_BEFORE_MS = 400 * DAY_MS;
/** An event that does nothing but have the condition asked. */
const PROBE = 'Probe';

/**
 * @param asked whether the condition was in force, and asked, before the history happened: what is counted as events come
 *   must say the same as what is found when one looks back
 */
export function conditionHolds(
  row: ConditionCase | OperatorCase,
  ofFile: CaseDocuments | undefined,
  asked: 'asked for the first time' | 'asked before',
): boolean {
  const { condition, history = [], event = {}, now = NOW, documents, profile: who } = asCondition(row);
  const at = Date.parse(now);
  const before = configOf(ofFile, documents);
  const names = [...new Set([canonicalCommerce(event.name ?? 'Ask', {}).name, PROBE])];
  const { id, ...judge } = aTriggerIf(condition, {
    id: 'case',
    entry: { on: names.map((name) => ({ event: name })) },
    steps: [
      // To have entered is all that is asked: a message would be one more that the user got.
      { id: 'nobody', branch: [{ if: { field: 'user.id', op: 'missing' }, goto: 'show' }, { goto: 'end' }] },
      send(),
      { id: 'end', end: true },
    ],
  });
  const triggers = [
    ...(documents?.triggers ?? ofFile?.triggers ?? []),
    { id, ...judge } as unknown as JsonObject,
  ];
  const judging = configOf(ofFile, { ...documents, triggers });

  const profile = new VirtualProfile({ config: before, kind: who?.kind ?? 'user', at: at - LONG_BEFORE_MS });
  if (asked === 'asked before' && countsEvents(condition)) {
    profile.config = judging;
    receive(profile, { name: PROBE, origin: 'server', imported: true });
    receive(profile, { name: PROBE, origin: 'server' });
  }
  for (const one of history) happen(profile, one, at);
  profile.config = judging;
  profile.advanceTo(at);
  const said = traceOf(receive(profile, event), 'case')?.reason;
  if (said !== 'entered' && said !== 'not_matched') throw new Error(`the condition was answered by ${said}`);
  return said === 'entered';
}

function asCondition(row: ConditionCase | OperatorCase): ConditionCase {
  if ('condition' in row) return row;
  const { op, value, match, orMissing } = row;
  const rest = {
    ...(value !== undefined && { value }),
    ...(match && { match }),
    ...(orMissing && { orMissing }),
  };
  return {
    condition: { field: 'event.properties.x', op, ...rest } as unknown as Condition,
    event: { properties: row.found === undefined ? {} : { x: row.found } },
    expect: row.expect,
  };
}

const countsEvents = (condition: Condition) => /"(did|didNot|sequence)":/.test(JSON.stringify(condition));
