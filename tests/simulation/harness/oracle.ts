/** What must be true when a life has come to rest: nothing lost, nothing twice, and the counts those of a naive count. */
import { splitRelationKey, WATCHED } from '../../../src/engine/fold/relations.ts';
import { CountedSql } from '../../../src/objects/counted-sql.ts';
import { ProfileStore } from '../../../src/profiles/profile-store.ts';
import type { ProfileRef, ProfileRpc } from '../../../src/protocol/rpc.ts';
import { profileStub } from '../../../src/protocol/stubs.ts';
import { statusOfFact, statusRank } from '../../../src/store/delivery-status.ts';
import { faultOfDecisions } from './exported-decisions.ts';
import { Violation } from './invariants.ts';
import type { SimObject } from './sim-object.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;
const NAMES = ['Product Viewed', 'Product Added', 'Order Completed', 'Idle'];

export async function checkEnd(world: World): Promise<void> {
  checkOutboxes(world);
  checkQueues(world);
  checkShards(world);
  checkDeliveries(world);
  checkConversions(world);
  const fault = faultOfDecisions(world);
  if (fault !== null) throw new Violation(fault);
  checkRegistry(world);
  const owners = ownersOf(world);
  checkCounts(world, owners);
  checkPrices(world);
  await checkWindowCounts(world, owners);
}

function checkOutboxes({ shadows, platform, kernel }: World): void {
  for (const { key, outbox, movedTo, dueAt } of shadows.values()) {
    const left = movedTo && !movedTo.released ? 'frozen for ever' : [...outbox.keys()].join();
    if (left !== '') throw new Violation(`outbox of ${key} at rest: ${left}`);
    const object = platform.object('PROFILE', key);
    if (dueAt !== null && !object.isArmedBy(Math.max(dueAt, kernel.now))) {
      throw new Violation(`${key} waits until ${dueAt} and nothing wakes it`);
    }
  }
}

function checkQueues({ platform }: World): void {
  for (const queue of Object.values(platform.queues)) {
    if (!queue.isEmpty) throw new Violation(`queue ${queue.name} isn't empty at rest`);
  }
}

function checkShards({ platform }: World): void {
  for (const { kind, label, storage } of platform.objects.values()) {
    const table = kind === 'CATALOG' ? 'pushes' : kind === 'WATCHERS' ? 'pages' : null;
    if (!table || storage.peek('SELECT 1 FROM sqlite_master WHERE name = ?', table).length === 0) continue;
    if (storage.peek(`SELECT 1 FROM ${table}`).length > 0)
      throw new Violation(`${label} still owes ${table}`);
  }
}

/** Every message that left has an end, and D1 knows of all that was told of it. */
function checkDeliveries({ d1, invariants }: World): void {
  const rows = d1.run('SELECT id, status FROM deliveries') as { id: string; status: number }[];
  const status = new Map(rows.map((row) => [row.id, row.status]));
  for (const fact of invariants.facts.values()) {
    const told = statusOfFact(fact);
    const known = status.get(fact.message?.id ?? '') ?? 0;
    if (told && known < statusRank(told)) {
      throw new Violation(`D1 has not heard ${fact.kind} of ${fact.message?.id}: it stands at ${known}`);
    }
  }
  for (const id of invariants.puts.keys()) {
    const known = status.get(id) ?? 0;
    if (known < statusRank('cancelled'))
      throw new Violation(`message ${id} has no end: it stands at ${known}`);
  }
  for (const [id, calls] of invariants.provider) {
    const wasTaken = calls.some(({ mayBeTaken }) => mayBeTaken);
    const known = status.get(id) ?? 0;
    if (wasTaken && known < statusRank('unknown')) {
      throw new Violation(`message ${id} was sent and stands at ${known} in D1`);
    }
  }
}

/** Once each, though a merge may have numbered its fact anew. */
function checkConversions({ d1, invariants, shadows }: World): void {
  const owner = (key: string): string => {
    const moved = shadows.get(key)?.movedTo;
    return moved ? owner(moved.key) : key;
  };
  const told = new Set<string>();
  for (const { profile, conversion } of invariants.facts.values()) {
    if (conversion) told.add([owner(profile), conversion.trigger, conversion.goal, conversion.sentAt].join());
  }
  const rows = d1.run('SELECT profile_key, trigger_id, goal, sent_at FROM conversions') as Record<
    string,
    string
  >[];
  const kept = rows.map((row) =>
    [owner(String(row.profile_key)), row.trigger_id, row.goal, row.sent_at].join(),
  );
  for (const one of told) if (!kept.includes(one)) throw new Violation(`conversion ${one} is not in D1`);
  if (new Set(kept).size !== kept.length)
    throw new Violation(`a conversion is in D1 twice: ${kept.sort().join(' ')}`);
}

function checkRegistry({ platform, shadows }: World): void {
  const known = new Set<unknown>();
  for (const { kind, storage } of platform.objects.values()) {
    if (kind === 'REGISTRY') for (const { key } of storage.peek('SELECT key FROM profiles')) known.add(key);
  }
  for (const { key, movedTo } of shadows.values()) {
    if (!movedTo && !known.has(key)) throw new Violation(`the registry does not know ${key}`);
  }
}

/** Whose each client event is in the end. */
function ownersOf({ clients, shadows }: World): Map<string, string[]> {
  const owned = new Map<string, string[]>();
  for (const [id, { profile }] of clients.events) {
    let { key } = profile;
    for (let moved = shadows.get(key)?.movedTo; moved; moved = shadows.get(key)?.movedTo) key = moved.key;
    owned.set(key, [...(owned.get(key) ?? []), id]);
  }
  return owned;
}

function checkCounts(world: World, owners: Map<string, string[]>): void {
  for (const [key, ids] of owners) {
    const store = storeOf(world.platform.object('PROFILE', key));
    for (const name of NAMES) {
      const expected = ids.filter((id) => world.clients.events.get(id)?.event.name === name).length;
      const counted = store?.state.counts.get(name)?.n ?? 0;
      if (counted !== expected)
        throw new Violation(`${key} counts ${counted} ${name}; there were ${expected}`);
    }
  }
}

/** Who likes an item and liked it at a higher price than it has now has heard of a price as low as that. */
function checkPrices(world: World): void {
  const current = currentPrices(world.prices);
  for (const { key, movedTo } of world.shadows.values()) {
    if (movedTo) continue;
    for (const { itemId, reference } of watchedBy(world, key)) {
      const price = current.get(itemId)?.price ?? reference;
      if (price < reference && !hasHeard(world, key, itemId, price)) {
        throw new Violation(`${key} watches ${itemId} from ${reference} and never heard of ${price}`);
      }
    }
  }
}

function watchedBy({ platform }: World, key: string): { itemId: string; reference: number }[] {
  const relations = storeOf(platform.object('PROFILE', key))?.state.relations ?? [];
  return [...relations].flatMap(([relation, { on, price }]) => {
    const { relation: name, itemId } = splitRelationKey(relation);
    return on && price && WATCHED.includes(name) ? [{ itemId, reference: price.amount }] : [];
  });
}

function currentPrices(prices: Map<string, number>): Map<string, { price: number; version: number }> {
  const current = new Map<string, { price: number; version: number }>();
  for (const [key, price] of prices) {
    const [id = '', version = '0'] = key.split(' ');
    if (Number(version) > (current.get(id)?.version ?? 0))
      current.set(id, { price, version: Number(version) });
  }
  return current;
}

/** It, or a visitor that has become it. */
function hasHeard(
  { invariants, prices, shadows }: World,
  key: string,
  itemId: string,
  price: number,
): boolean {
  const all = [
    key,
    ...[...shadows.values()].filter(({ movedTo }) => movedTo?.key === key).map((one) => one.key),
  ];
  return all
    .flatMap((one) => [...(invariants.heard.get(`${one} ${itemId}`) ?? [])])
    .some((version) => (prices.get(`${itemId} ${version}`) ?? Number.POSITIVE_INFINITY) <= price);
}

/** The engine's own count of a window, against a count of all events one by one. */
async function checkWindowCounts(world: World, owners: Map<string, string[]>): Promise<void> {
  const { clients, kernel, shadows } = world;
  // Whatever was changed last is in force.
  kernel.now += 11_000;
  for (const profile of [...clients.people.users, ...clients.people.visitors]) {
    const shadow = shadows.get(profile.key);
    if (!shadow || shadow.movedTo) continue;
    await clients.askForCount(profile);
    await kernel.drain();
    const counted = await countOf(world, profile);
    const since = kernel.now - DAY_MS;
    const expected = (owners.get(profile.key) ?? [])
      .map((id) => clients.events.get(id)?.event)
      .filter((event) => event?.name === 'Product Viewed' && event.timestamp > since).length;
    if (counted !== expected) {
      throw new Violation(`${profile.id} counts ${counted} views in a day; there were ${expected}`);
    }
  }
}

async function countOf({ kernel, platform }: World, profile: ProfileRef): Promise<unknown> {
  const stub = profileStub(platform.envFor({ name: 'asker', alive: true }), profile.key);
  let answer: Awaited<ReturnType<ProfileRpc['decisions']>> = [];
  await kernel.run(() => {
    void stub.decisions(1).then((decisions) => {
      answer = decisions;
    });
  });
  await kernel.drain();
  return answer[0]?.triggers.find(({ id }) => id === 'probe')?.values?.count;
}

function storeOf({ storage }: SimObject): ProfileStore | null {
  return ProfileStore.load(new CountedSql(storage as never), null, 0);
}
