/** Every answer that a profile has committed beside an event is in D1, once, under the key that it was given by. */
import { eventKeyOf } from '../../../src/engine/reporting/tell-decisions.ts';
import type { LogEntry } from '../../../src/profiles/log-entry.ts';
import type { World } from './world.ts';

/** Of a commit's event, as it should stand in D1; null where nobody answered. */
export function answersOf(profile: string, { messageId, trace }: LogEntry['events'][number]): string | null {
  if (!trace) return null;
  const answers = trace.map(({ id, version, reason, messageId: sent = '' }) => [id, version, reason, sent]);
  return JSON.stringify([profile, eventKeyOf(messageId), answers]);
}

interface Answer {
  trigger: string;
  version: number;
  reason: string;
  messageId?: string;
}

/** What is wrong with D1's; null where nothing is. */
export function faultOfDecisions({ d1, documents, invariants }: World): string | null {
  const rows = d1.run('SELECT profile_key, event_key, answers FROM decisions') as Record<string, string>[];
  const kept = rows.map(({ profile_key, event_key, answers = '[]' }) => {
    const told = (JSON.parse(answers) as Answer[]).map(({ trigger, version, reason, messageId = '' }) => {
      return [trigger, version, reason, messageId];
    });
    return JSON.stringify([profile_key, event_key, told]);
  });
  const expected = documents.exportsDecisions ? invariants.answered : [];
  const missing = expected.filter((one) => !kept.includes(one));
  const unknown = kept.filter((one) => !expected.includes(one));
  const isRight = missing.length + unknown.length === 0 && kept.length === expected.length;
  return isRight
    ? null
    : `decisions in D1: ${kept.length} of ${expected.length}, missing ${missing}, unknown ${unknown}`;
}
