/** Rows that are a short life: what each trigger answers to each event, and what leaves when. */
import { expect } from 'vitest';
import type { Reason } from '../../src/engine/reasons.ts';
import { traceOf, VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import { DAY_MS } from '../../src/engine/time/duration.ts';
import { type CaseDocuments, configOf } from './case-documents.ts';
import { type CaseHappening, happen } from './case-profile.ts';

export interface LifeCase {
  documents?: CaseDocuments;
  life: LifeStep[];
}

interface LifeStep extends Omit<CaseHappening, 'name'> {
  at: string;
  /** Its name; only time passes without one. */
  event?: string;
  /** Trigger → the reason that it gives. */
  expect?: Record<string, Reason>;
  /** All that has left for a provider since the step before. */
  left?: { trigger: string; at: string }[];
}

export function playLife({ documents, life }: LifeCase, ofFile: CaseDocuments | undefined): void {
  const [first] = life;
  if (!first) throw new Error('a life without a step');
  const profile = new VirtualProfile({
    config: configOf(ofFile, documents),
    at: Date.parse(first.at) - DAY_MS,
  });
  let seen = 0;
  for (const { event, expect: reasons, left, ...rest } of life) {
    const decision = happen(profile, { ...rest, ...(event !== undefined && { name: event }) });
    for (const [trigger, reason] of Object.entries(reasons ?? {})) {
      expect(decision && traceOf(decision, trigger), `${trigger} at ${rest.at}`).toMatchObject({ reason });
    }
    const offers = profile.offers.slice(seen);
    seen = profile.offers.length;
    if (!left) continue;
    const found = offers.map(({ id, at }) => ({
      trigger: triggerOf(profile, id),
      at: new Date(at).toISOString(),
    }));
    expect(found, `left by ${rest.at}`).toEqual(
      left.map(({ trigger, at }) => ({ trigger, at: new Date(at).toISOString() })),
    );
    profile.dispatch();
  }
}

function triggerOf(profile: VirtualProfile, messageId: string): string | undefined {
  return profile.trace.find((said) => said.messageId === messageId)?.id;
}
