/** The legal name that `name` was most likely meant to be; undefined where none is close enough to suggest. */
export function nearestName(name: string, legal: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of legal) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean \`x\`?` or nothing. */
export function didYouMean(name: string, legal: readonly string[]): string {
  const nearest = nearestName(name, legal);
  return nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
}

/** Levenshtein distance; anything from `limit` on is answered as `limit`. Names are cut at 64 characters. */
function editDistance(left: string, right: string, limit: number): number {
  const a = left.slice(0, 64);
  const b = right.slice(0, 64);
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const gap = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1;
      current.push(Math.min(substitution, gap));
    }
    previous = current;
  }
  return Math.min(limit, previous[b.length] ?? limit);
}
