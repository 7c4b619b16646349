/**
 * Computes what follows from an object that never changes, a published document say, once and for as long as somebody
 * holds that object. `make` must be pure: nobody can tell whether it was called.
 */
export function oncePer<K extends object, V>(make: (from: K) => V): (from: K) => V {
  const made = new WeakMap<K, V>();
  return (from) => {
    let value = made.get(from);
    if (value === undefined) {
      value = make(from);
      made.set(from, value);
    }
    return value;
  };
}
