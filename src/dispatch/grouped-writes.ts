/**
 * Writes that come while another is under way wait for it and then go together, as a database's group commit does: the
 * first one waits for nobody, and many cost little more than one. Where a group fails, each of it is written by itself,
 * so that one that can't be written holds up no other.
 *
 * One invocation's own: a promise of one must never be awaited by another.
 */
export function groupedWrites<T>(write: (some: T[]) => Promise<void>): (one: T) => Promise<void> {
  let next: { some: T[]; written: Promise<Failures<T>> } | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const flush = async (group: { some: T[] }, before: Promise<unknown>): Promise<Failures<T>> => {
    await before;
    next = null;
    return writeGroup(group.some, write);
  };
  return async (one) => {
    if (!next) {
      const group = { some: [] as T[] };
      const written = flush(group, last);
      next = { ...group, written };
      last = written;
    }
    next.some.push(one);
    const failures = await next.written;
    if (failures.has(one)) throw failures.get(one);
  };
}

type Failures<T> = ReadonlyMap<T, unknown>;

/** Never rejects: what could not be written, with the reason. */
async function writeGroup<T>(some: T[], write: (some: T[]) => Promise<void>): Promise<Failures<T>> {
  const failures = new Map<T, unknown>();
  try {
    await write(some);
    return failures;
  } catch (error) {
    if (some.length === 1) return new Map(some.map((one) => [one, error]));
  }
  for (const one of some) await write([one]).catch((error: unknown) => failures.set(one, error));
  return failures;
}
