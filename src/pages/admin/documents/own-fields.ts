const ADDED = [
  'version',
  'status',
  'liveVersion',
  'liveStatus',
  'updatedAt',
  'updatedBy',
  'hasSecret',
  'callback',
  'health',
];

/** A document without what the server adds to it when it is read. */
export function ownFields<T extends object>(stored: T): T {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !ADDED.includes(name))) as T;
}
