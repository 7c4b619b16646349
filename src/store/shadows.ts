/** Shadow versions as documents: see `document-state.ts`. */
import type { Env } from '../bindings.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { readDocument } from './read-documents.ts';
import { changeState, type Written, writeDocument } from './write-documents.ts';

export interface ShadowDocument {
  /** The draft as it was, and the number that it had. */
  trigger: Trigger;
  version: number;
}

export interface StandingShadow extends ShadowDocument {
  /** Since when it decides. */
  since: number;
}

type By = { author: string; now: number };

/** Another one of the same trigger gives way to it. */
export function putShadow<R>(env: Env, { trigger, version }: ShadowDocument, by: By): Promise<Written<R>> {
  const document = { trigger, version } as unknown as JsonObject;
  return writeDocument<R>(env, {
    ...by,
    ...{ kind: 'shadow', id: trigger.id, ifMatch: null, document, mode: 'put' },
  });
}

/** False where there is none, or it can't be removed now. */
export async function removeShadow(env: Env, id: string, by: By): Promise<boolean> {
  if (!(await readDocument(env, 'shadow', id))) return false;
  const removed = await changeState(env, { ...by, kind: 'shadow', id, ifMatch: null, action: 'delete' });
  return removed.kind === 'done';
}

export async function readShadow(env: Env, id: string): Promise<StandingShadow | null> {
  const stored = await readDocument(env, 'shadow', id);
  if (!stored) return null;
  const { trigger, version } = stored.document as unknown as ShadowDocument;
  return { trigger, version, since: stored.changedAt };
}
