/**
 * Who reports what becomes of a push. The page writes it when it enables push; the service worker, which shares no other
 * storage with it, reads it when the page is long gone.
 */
export interface Reporter {
  endpoint: string;
  writeKey: string;
  /** Whose device this is. */
  anonymousId: string;
  userId: string | null;
}

const DATABASE = 'reflex';
const STORE = 'push';
const KEY = 'reporter';

export async function keepReporter(reporter: Reporter): Promise<void> {
  await ask('readwrite', (store) => store.put(reporter, KEY));
}

/** Null where push was never enabled here. */
export async function readReporter(): Promise<Reporter | null> {
  return (await ask('readonly', (store) => store.get(KEY) as IDBRequest<Reporter | undefined>)) ?? null;
}

async function ask<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  try {
    return await done(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
