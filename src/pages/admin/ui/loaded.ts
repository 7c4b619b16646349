import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiFault } from '../api.ts';

export interface Loaded<T> {
  value: T | null;
  fault: ApiFault | null;
  reload(): void;
}

/** What `load` resolves to, anew whenever `key` changes. An answer that was overtaken is dropped. */
export function useLoaded<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; fault: ApiFault | null }>({
    key,
    value: null,
    fault: null,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    load()
      .then((value) => isCurrent && setState({ key, value, fault: null }))
      .catch((error) => isCurrent && setState({ key, value: null, fault: faultOf(error) }));
    return () => {
      isCurrent = false;
    };
  }, [key, turn]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  const isOld = state.key !== key;
  return { value: isOld ? null : state.value, fault: isOld ? null : state.fault, reload };
}

export function faultOf(error: unknown): ApiFault {
  return error instanceof ApiFault ? error : new ApiFault(0, 'page', String(error), []);
}
