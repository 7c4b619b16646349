/** What form and JSON share: one document, told by its text. The text is what counts while it doesn't parse. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Issue } from '../api.ts';
import { valueAt } from './at-path.ts';

export interface Editing {
  document: unknown;
  set(path: string, value: unknown): void;
  issues: readonly Issue[];
  /** While the JSON doesn't parse, fields show what it last was. */
  isLocked: boolean;
}

export const EditingContext = createContext<Editing>({ document: {}, set() {}, issues: [], isLocked: true });

export interface Place<T> {
  value: T | undefined;
  set(value: T | undefined): void;
  issue: Issue | null;
  isLocked: boolean;
}

/** One place of the document that is being edited. */
export function usePlace<T>(path: string): Place<T> {
  const { document, set, issues, isLocked } = useContext(EditingContext);
  return {
    value: valueAt(document, path) as T | undefined,
    set: (value) => set(path, value),
    issue: issues.find((one) => one.path === path) ?? null,
    isLocked,
  };
}
