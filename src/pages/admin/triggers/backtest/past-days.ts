/** Days as a date field writes them, `2027-03-01`, in this reader's own time. */

const LAST_DAYS = 30;

/** The last 30, today among them. */
export function lastDays(now = new Date()): { from: string; to: string } {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (LAST_DAYS - 1));
  return { from: dayOf(first), to: dayOf(now) };
}

/** From the first moment of one to the last of the other, but nothing that is still to come. */
export function instantsOf({ from, to }: { from: string; to: string }, now = new Date()) {
  const [year = 0, month = 1, day = 0] = to.split('-').map(Number);
  const end = new Date(year, month - 1, day + 1);
  return {
    from: new Date(`${from}T00:00`).toISOString(),
    to: (end > now ? now : end).toISOString(),
  };
}

function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
