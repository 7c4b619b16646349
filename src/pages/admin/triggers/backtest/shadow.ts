/** A draft in shadow, as the page asks for it: beside the live version it decides, and sends nothing. */
import { ApiFault, call } from '../../api.ts';
import type { StoredTrigger } from '../stored-trigger.ts';

interface Counts {
  messages: number;
  people: number;
}

export interface ShadowExample {
  userId: string | null;
  anonymousId: string | null;
  channel: string;
  at: string;
}

export interface ShadowReport {
  version: number;
  since: string;
  live: Counts;
  shadow: Counts & { heldOut: number };
  both: Counts;
  onlyLive: Counts & { examples: ShadowExample[] };
  onlyShadow: Counts & { examples: ShadowExample[] };
}

/** Null where nothing stands in shadow. Throws an `ApiFault`. */
export async function readShadowReport(id: string): Promise<ShadowReport | null> {
  try {
    return await call<ShadowReport>('GET', `triggers/${encodeURIComponent(id)}/shadow-report`);
  } catch (error) {
    if (error instanceof ApiFault && error.status === 404) return null;
    throw error;
  }
}

/** It takes a draft, and a broadcast stands in no shadow: nothing happens that it could decide on. */
export function canStandInShadow({ status, entry }: Pick<StoredTrigger, 'status' | 'entry'>): boolean {
  return status === 'draft' && !entry.on.some((on) => 'at' in on);
}
