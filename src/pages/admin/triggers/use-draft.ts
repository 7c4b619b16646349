/**
 * The document that form and JSON edit together. Its text is what counts: the form writes text, and reads the last text
 * that was JSON. A moment after each change the server says what publishing it would refuse.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Issue } from '../api.ts';
import { isDirty } from '../route.ts';
import { withValue } from '../ui/at-path.ts';
import type { Editing } from '../ui/editing.ts';
import { parsedObject, pretty } from '../ui/json-text.tsx';

const CHECK_AFTER_MS = 400;

type Found = { issues: Issue[]; warnings: Issue[] };

export interface Draft<T> extends Editing {
  text: string;
  /** What `text` last was as JSON. */
  document: T;
  setText(text: string): void;
  warnings: readonly Issue[];
}

export function useDraft<T extends object>(stored: T, check: (document: T) => Promise<Found>): Draft<T> {
  const [text, setTextState] = useState(() => pretty(stored));
  const [document, setDocument] = useState(stored);
  const [found, setFound] = useState<Found>({ issues: [], warnings: [] });
  const isLocked = useMemo(() => parsedObject(text) === null, [text]);

  function setText(next: string): void {
    isDirty.value = true;
    setTextState(next);
    const parsed = parsedObject(next);
    if (parsed) setDocument(parsed as T);
  }

  // Whoever goes back leaves what wasn't saved: the next view has nothing of it.
  useEffect(
    () => () => {
      isDirty.value = false;
    },
    [],
  );

  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      check(document)
        .then((answer) => isCurrent && setFound(answer))
        .catch(() => {});
    }, CHECK_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [document, check]);

  return {
    text,
    setText,
    document,
    set: (path, value) => setText(pretty(withValue(document, path, value))),
    isLocked,
    ...found,
  };
}
