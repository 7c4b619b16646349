/** Which paths exist, told when a document is published: a path that reads nothing would make a condition that never holds. */

import type { PATH_ROOTS } from '../language/path.ts';
import { nearestName } from './nearest-name.ts';
import { type Refusal, refusalText } from './refusal.ts';

/** `free`: any names must follow, `open`: may follow. `true`: nothing may follow. An object: these names must follow. */
type Names = 'free' | 'open' | true | { [name: string]: Names };

const ITEM: Names = {
  id: true,
  title: true,
  url: true,
  imageUrl: true,
  category: true,
  brand: true,
  price: true,
  currency: true,
  stock: true,
  previousPrice: true,
  attributes: 'free',
};

const EVENT: Names = { name: true, messageId: true, timestamp: true, properties: 'free', context: 'free' };

/** Instants after the last of what comes again and again: one, two and four intervals of the user's own. */
const CYCLE = { dueAt: true, overdueAt: true, lapsedAt: true } as const;

const USER: Names = {
  id: true,
  known: true,
  traits: 'free',
  firstSeenAt: true,
  lastSeenAt: true,
  timezone: true,
  locale: true,
  cart: { count: true, value: true, oldestAt: true },
  orders: { count: true, value: true, lastAt: true, meanInterval: true, ...CYCLE },
  sessions: { count: true, lastAt: true, meanInterval: true, ...CYCLE },
  lastViewed: 'free',
};

const PATHS: Record<(typeof PATH_ROOTS)[number], Names> = {
  event: EVENT,
  user: USER,
  item: ITEM,
  entry: { event: EVENT, item: ITEM, lookup: 'free', referencePrice: true },
  session: { page: 'open', startedAt: true },
  lookup: 'free',
};

/** Paths of the language that this version doesn't read. */
const LATER = ['entry.items'];

export function rootOf(path: string): string {
  return path.slice(0, path.indexOf('.') < 0 ? path.length : path.indexOf('.'));
}

/** What is wrong with a path; null where it can be read. */
export function pathFault(path: string): string | null {
  const fault = findFault(path);
  return typeof fault === 'object' && fault !== null ? refusalText(fault) : fault;
}

/** The same; with its code, where it has one. */
export function findFault(path: string): Refusal | string | null {
  if (LATER.some((later) => path === later || path.startsWith(`${later}.`))) {
    return `\`${path}\` isn't available in this version`;
  }
  const steps = path.split('.');
  let names: Names = PATHS;
  for (const [index, step] of steps.entries()) {
    if (names === 'free' || names === 'open') return null;
    const before = steps.slice(0, index).join('.');
    if (names === true) return `nothing stands under \`${before}\`; expected \`${before}\``;
    const next: Names | undefined = Object.hasOwn(names, step) ? names[step] : undefined;
    if (next === undefined) return unknownStep(path, before, step, Object.keys(names));
    names = next;
  }
  if (names === true || names === 'open') return null;
  const legal = names === 'free' ? 'a name' : `one of ${Object.keys(names).join(', ')}`;
  return `\`${path}\` goes no further; expected \`${path}.\` and ${legal}`;
}

function unknownStep(path: string, before: string, step: string, names: string[]): Refusal {
  const nearest = nearestName(step, names) ?? '';
  const values = { path, step, legal: names.join(', '), nearest };
  return before === ''
    ? { code: 'no_such_root', values }
    : { code: 'no_such_path', values: { ...values, before } };
}
