/**
 * Which thing is which expectation's: as many expectations as possible get one thing each that fits (augmenting paths).
 * A vague expectation must not take the only thing that a precise one could have.
 *
 * @returns for each expectation the index of its thing, or undefined
 */
export function assign<E, T>(
  expectations: readonly E[],
  things: readonly T[],
  fits: (expectation: E, thing: T) => boolean,
): (number | undefined)[] {
  const ownerOf = new Map<number, number>();
  const settle = (e: number, tried: Set<number>): boolean => {
    for (const [t, thing] of things.entries()) {
      const expectation = expectations[e];
      if (tried.has(t) || expectation === undefined || !fits(expectation, thing)) continue;
      tried.add(t);
      const owner = ownerOf.get(t);
      if (owner === undefined || settle(owner, tried)) {
        ownerOf.set(t, e);
        return true;
      }
    }
    return false;
  };
  for (const e of expectations.keys()) settle(e, new Set());
  const assigned: (number | undefined)[] = expectations.map(() => undefined);
  for (const [t, e] of ownerOf) assigned[e] = t;
  return assigned;
}
