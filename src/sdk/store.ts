/**
 * What outlives the page. A browser may have no storage, refuse it, or run out of it: then the page's own memory serves,
 * and nothing throws.
 */
export interface Store {
  get<T>(name: string): T | null;
  set(name: string, value: unknown): void;
  remove(name: string): void;
  /** Names that begin with `prefix`. */
  names(prefix: string): string[];
  /** Calls `listener` with the name that another tab has written. */
  onChange(listener: (name: string) => void): void;
}

/** @param prefix keeps two deployments on one page apart */
export function openStore(prefix: string, storage: Storage | null = browserStorage()): Store {
  const memory = new Map<string, string>();
  const read = (name: string) => memory.get(name) ?? storage?.getItem(prefix + name) ?? null;
  return {
    get(name) {
      try {
        return JSON.parse(read(name) ?? 'null');
      } catch {
        return null;
      }
    },
    set(name, value) {
      const text = JSON.stringify(value);
      try {
        if (!storage) throw 0;
        storage.setItem(prefix + name, text);
        memory.delete(name);
      } catch {
        memory.set(name, text);
      }
    },
    remove(name) {
      memory.delete(name);
      try {
        storage?.removeItem(prefix + name);
      } catch {
        // Then it can't be read either.
      }
    },
    names(start) {
      const stored = Object.keys(storage ?? {}).filter((key) => key.startsWith(prefix));
      return [...memory.keys(), ...stored.map((key) => key.slice(prefix.length))].filter((name) =>
        name.startsWith(start),
      );
    },
    onChange(listener) {
      globalThis.addEventListener?.('storage', ({ key }) => {
        if (key?.startsWith(prefix)) listener(key.slice(prefix.length));
      });
    },
  };
}

/** Null where the browser has none: reading the very property may throw. */
function browserStorage(): Storage | null {
  try {
    const { localStorage } = globalThis;
    localStorage.setItem('rfx', '');
    localStorage.removeItem('rfx');
    return localStorage;
  } catch {
    return null;
  }
}
