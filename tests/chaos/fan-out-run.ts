/**
 * The proof that a price drop is told to everybody whom it concerns, once, and to nobody else, whenever the process dies:
 * the product runs as a newcomer starts it, as many users like as many items as there are kills, each item drops in price,
 * and a moment later workerd is killed outright, somewhere between the shop's request and the last webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from '../support/api.ts';
import { BACKEND_HEADERS, CLIENT_HEADERS, publishCampaign, SECRET } from './campaign.ts';
import { unsettled } from './checks.ts';
import { PatientClient } from './client.ts';
import { type CrashServer, startCrashServer } from './crash-server.ts';
import { randomOf } from './random.ts';
import { openSink, type Sink } from './sink.ts';
import { readProfiles } from './stored-profiles.ts';

export interface FanOutOptions {
  seed: number;
  /** One for each item. */
  kills: number;
  /** Of each item: so many that the drop crosses, and half as many that it doesn't. */
  watchers: number;
  inMemory?: boolean;
  tell?: (line: string) => void;
}

const [LOW, HIGH, DROPPED] = [5_000, 10_000, 8_000];
const LATEST_KILL_MS = 1_200;
const USERS_PER_REQUEST = 50;
const LOOK_AGAIN_MS = 2_000;
/** A page whose consumer was killed is sent again after 30 s, a message whose sender was when its lease has ended. */
const LONGEST_SETTLING_MS = 600_000;

export async function runFanOut(options: FanOutOptions): Promise<{ violations: string[]; summary: string }> {
  const sink = await openSink(SECRET);
  const server = await startCrashServer({ inMemory: options.inMemory ?? false });
  const client = new PatientClient(server.server.url);
  try {
    await publishCampaign(apiOf(server.server), sink);
    const items = Array.from({ length: options.kills }, (_, i) => `item-${i}`);
    await watch(client, items, options);
    await dropAndKill(server, client, items, options);
    return await judge(server, sink, items, options);
  } finally {
    client.close();
    await server[Symbol.asyncDispose]();
    await sink.close();
  }
}

const crossedName = (i: number) => `crossed-${i}`;
const uncrossedName = (i: number) => `uncrossed-${i}`;

/** Half as many like the items at a low price, then the price rises, and all the others like them. */
async function watch(
  client: PatientClient,
  items: string[],
  { watchers, tell }: FanOutOptions,
): Promise<void> {
  await setPrices(client, items, LOW);
  await like(
    client,
    items,
    Array.from({ length: Math.ceil(watchers / 2) }, (_, i) => uncrossedName(i)),
  );
  await setPrices(client, items, HIGH);
  await like(
    client,
    items,
    Array.from({ length: watchers }, (_, i) => crossedName(i)),
  );
  tell?.(`${watchers} users like ${items.length} items, and half as many more`);
  // Orders leave behind the answers.
  await sleep(LOOK_AGAIN_MS);
}

async function setPrices(client: PatientClient, items: string[], price: number): Promise<void> {
  for (const id of items) await setPrice(client, id, price);
}

function setPrice(client: PatientClient, id: string, price: number): Promise<unknown> {
  const body = { title: id, price, currency: 'KRW' };
  return client.deliver('PUT', `/v1/items/${id}`, BACKEND_HEADERS, body);
}

async function like(client: PatientClient, items: string[], users: string[]): Promise<void> {
  for (let at = 0; at < users.length; at += USERS_PER_REQUEST) {
    const batch = users.slice(at, at + USERS_PER_REQUEST).flatMap((userId) =>
      items.map((id) => ({
        type: 'track',
        event: 'Product Added to Wishlist',
        userId,
        messageId: `like-${userId}-${id}`,
        properties: { product_id: id },
      })),
    );
    await client.deliver('POST', '/v1/batch', CLIENT_HEADERS, { batch });
  }
}

/** What a kill has interrupted isn't waited for: the next item drops in the middle of it. */
async function dropAndKill(
  server: CrashServer,
  client: PatientClient,
  items: string[],
  { seed, tell }: FanOutOptions,
): Promise<void> {
  const random = randomOf(seed);
  for (const id of items) {
    const dropping = setPrice(client, id, DROPPED);
    await sleep(random.between(0, LATEST_KILL_MS));
    await server.kill();
    await dropping;
    await server.healthy();
    tell?.(`killed while ${id} was told`);
  }
}

async function judge(
  server: CrashServer,
  sink: Sink,
  items: string[],
  { kills, watchers, seed, tell }: FanOutOptions,
): Promise<{ violations: string[]; summary: string }> {
  const { stateDir } = server.server;
  const expected = kills * watchers;
  const deadlineAt = Date.now() + LONGEST_SETTLING_MS;
  for (;;) {
    await sleep(LOOK_AGAIN_MS);
    tell?.(`${sink.messages.size} of ${expected} have come`);
    const isOver = Date.now() >= deadlineAt;
    if (sink.messages.size < expected && !isOver) continue;
    const left = await server.killAndHold(() => unsettled(readProfiles(stateDir)));
    await server.healthy();
    if (left.length > 0 && !isOver) continue;
    const violations = [...left, ...sink.refused, ...misTold(sink, items, watchers)];
    const calls = [...sink.messages.values()].reduce((sum, message) => sum + message.calls, 0);
    const summary =
      `${kills} kills, ${watchers} watchers to be told of each of as many items, ${Math.ceil(watchers / 2)} not: ` +
      `${sink.messages.size} messages in ${calls} calls; ${violations.length} violations; seed ${seed}`;
    return { violations, summary };
  }
}

/** Each crossed watcher under one key for each item, with one body, and nobody else. */
function misTold(sink: Sink, items: string[], watchers: number): string[] {
  const told = new Map<string, number>();
  for (const { trigger, user, ref, bodies } of sink.messages.values()) {
    const name = `${trigger} ${user} ${ref}`;
    told.set(name, (told.get(name) ?? 0) + 1);
    if (bodies.size !== 1) told.set(`${name}, with other bytes`, bodies.size);
  }
  const expected = items.flatMap((id) =>
    Array.from({ length: watchers }, (_, i) => `price-drop ${crossedName(i)} ${id}`),
  );
  const wanted = new Set(expected);
  return [
    ...expected.flatMap((name) => (told.has(name) ? [] : [`missing: ${name}`])),
    ...[...told].flatMap(([name, times]) =>
      wanted.has(name) ? [] : [`nobody asked for: ${name} (${times})`],
    ),
    ...[...told].flatMap(([name, times]) => (times > 1 ? [`told ${times} times: ${name}`] : [])),
  ];
}
