/**
 * The life of a document.
 *
 * A trigger is written as a draft, which every further write replaces under the same number, until `activate` makes it
 * the version in force: from then on that number never changes, and the next write begins a new draft. Pausing keeps
 * the version and stops deciding; archiving puts the trigger away. Everything else (templates, segments, lookups,
 * channels, policies) has no draft: each write is a new version, in force at once.
 *
 * Deleting keeps the row, so that every isolate hears of it and a document of the same id goes on counting.
 */
export type DocumentState = 'draft' | 'live' | 'paused' | 'archived' | 'deleted';
/**
 * A `shadow` is a copy of a trigger's draft, under the trigger's id, that decides beside the live version: a document of
 * its own, so that it comes and goes without a change of the trigger's.
 */
export type DocumentKind = 'trigger' | 'shadow' | 'template' | 'segment' | 'lookup' | 'channel' | 'policy';

export interface Standing {
  state: DocumentState;
  /** The version in force, or last in force. */
  liveVersion: number | null;
  draftVersion: number | null;
  lastVersion: number;
  activatedAt: number | null;
}

type Transition = { kind: 'moved'; to: Standing } | { kind: 'impossible'; message: string };

/** `standing` is null where the id was never used. The draft's number is `to.draftVersion`. */
export function writeDraft(standing: Standing | null): Standing {
  if (standing === null || standing.state === 'deleted') {
    const version = (standing?.lastVersion ?? 0) + 1;
    return {
      state: 'draft',
      liveVersion: null,
      draftVersion: version,
      lastVersion: version,
      activatedAt: null,
    };
  }
  const draftVersion = standing.draftVersion ?? standing.lastVersion + 1;
  return { ...standing, draftVersion, lastVersion: Math.max(standing.lastVersion, draftVersion) };
}

/** For documents without drafts: the new version is in force. */
export function replace(standing: Standing | null, now: number): Standing {
  const version = (standing?.lastVersion ?? 0) + 1;
  return { state: 'live', liveVersion: version, draftVersion: null, lastVersion: version, activatedAt: now };
}

/** The draft goes live; without one, the version that was last in force. A trigger keeps its first activation's time. */
export function activate(standing: Standing, now: number): Transition {
  const liveVersion = standing.draftVersion ?? standing.liveVersion;
  if (liveVersion === null) return { kind: 'impossible', message: 'It has no version to activate.' };
  const activatedAt = standing.activatedAt ?? now;
  return { kind: 'moved', to: { ...standing, state: 'live', liveVersion, draftVersion: null, activatedAt } };
}

export function pause(standing: Standing): Transition {
  if (standing.state === 'live' || standing.state === 'paused') {
    return { kind: 'moved', to: { ...standing, state: 'paused' } };
  }
  return {
    kind: 'impossible',
    message: `It is ${standing.state}, not live; only a live trigger can be paused.`,
  };
}

export function archive(standing: Standing): Transition {
  return { kind: 'moved', to: { ...standing, state: 'archived', activatedAt: null } };
}

export function remove(standing: Standing): Standing {
  return { ...standing, state: 'deleted', draftVersion: null, activatedAt: null };
}

/** What a reader is shown: the draft where there is one, else the version in force or last in force. */
export function shownVersion({ draftVersion, liveVersion, lastVersion }: Standing): number {
  return draftVersion ?? liveVersion ?? lastVersion;
}

export function shownStatus({ state, draftVersion }: Standing): DocumentState {
  return draftVersion === null ? state : 'draft';
}
