/**
 * The proof that nothing acknowledged is lost: the product runs as a newcomer starts it, patient clients send, a sink
 * records every call, and workerd is killed outright again and again. What must hold afterwards is asked from outside, and
 * from the files of the stopped server where the API can't tell.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from '../support/api.ts';
import { publishCampaign, SECRET } from './campaign.ts';
import { mistexted } from './check-texts.ts';
import {
  miscounted,
  miscountedByApi,
  mislisted,
  pendingWithoutAlarm,
  unsettled,
  unwelcomed,
} from './checks.ts';
import { type CrashServer, startCrashServer } from './crash-server.ts';
import { type Expectations, expectationsOf, isComplete, unmet } from './expectations.ts';
import { Killer } from './killer.ts';
import { Load, type LoadRecord } from './load.ts';
import { percentile } from './percentile.ts';
import { makePlan, type Plan } from './plan.ts';
import { randomOf } from './random.ts';
import { openSink, type Sink } from './sink.ts';
import { readProfiles, type StoredProfile } from './stored-profiles.ts';

export interface CrashOptions {
  seed: number;
  kills: number;
  events: number;
  users: number;
  inMemory?: boolean;
  /** Told what goes on, now and then. */
  tell?: (line: string) => void;
}

export interface CrashResult {
  violations: string[];
  summary: string;
}

const TOLD_EVERY_MS = 10_000;
const SETTLE_POLL_MS = 2_000;
/** A message whose sender was killed is offered again when its lease of 30 s has ended; what failed twice, later. */
const LONGEST_SETTLING_MS = 900_000;
const INSPECTIONS = 4;

export interface CrashRun {
  /** Waits until nothing is left to do, and judges. */
  settled(): Promise<CrashResult>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Resolves when the last kill is done and the last event acknowledged; what was interrupted is not made up for yet. */
export async function startCrashRun(options: CrashOptions): Promise<CrashRun> {
  const { seed, kills, events, users, inMemory = false, tell = () => {} } = options;
  const plan = makePlan(seed, { events, users });
  const sink = await openSink(SECRET);
  const server = await startCrashServer({ inMemory });
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await sink.close();
  };
  try {
    await publishCampaign(apiOf(server.server), sink);
    const found: string[] = [];
    const killer = new Killer({
      server,
      random: randomOf(seed + 1),
      kills,
      inspectEvery: Math.max(1, Math.floor(kills / INSPECTIONS)),
      inspect: () => found.push(...pendingWithoutAlarm(readProfiles(server.server.stateDir))),
    });
    const load = new Load(server.server.url, plan, randomOf(seed + 2), {
      onSend: () => killer.sending(),
      onAcknowledged: (at) => killer.acknowledged(at),
    });
    await drive(load, killer, kills, tell);
    return {
      settled: async () => {
        const judged = await judge(server, sink, plan, load.record, tell);
        const violations = [...found, ...judged];
        const outcome = { plan, sink, violations, seed, kills, resent: load.record.resent };
        return { violations, summary: summaryOf({ ...outcome, recoveriesMs: killer.recoveriesMs }) };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function drive(load: Load, killer: Killer, kills: number, tell: (line: string) => void): Promise<void> {
  const told = setInterval(() => tell(`${percent(killer.progress)} of the kills`), TOLD_EVERY_MS);
  try {
    await load.begin();
    await Promise.all([load.run(() => killer.progress + 1 / kills), killer.run(() => load.progress)]);
  } finally {
    clearInterval(told);
    load.close();
  }
}

async function judge(
  server: CrashServer,
  sink: Sink,
  plan: Plan,
  record: LoadRecord,
  tell: (line: string) => void,
): Promise<string[]> {
  const expected = expectationsOf(plan, record);
  const profiles = await settle(server, sink, expected, tell);
  await server.healthy();
  return [
    ...record.faults,
    ...sink.refused,
    ...pendingWithoutAlarm(profiles),
    ...unsettled(profiles),
    ...miscounted(plan, record, profiles),
    ...unmet(expected, sink.messages, record),
    ...unwelcomed(plan, record),
    ...(await miscountedByApi(apiOf(server.server), plan)),
    ...(await mislisted(apiOf(server.server), plan, sink)),
    ...(await mistexted(apiOf(server.server), plan, sink)),
  ];
}

/** Waits until all has come and nothing waits any more, then stops what runs and looks at what lies on disk. */
async function settle(
  server: CrashServer,
  sink: Sink,
  expected: Expectations,
  tell: (line: string) => void,
): Promise<StoredProfile[]> {
  const { stateDir } = server.server;
  const deadlineAt = Date.now() + LONGEST_SETTLING_MS;
  for (;;) {
    await sleep(SETTLE_POLL_MS);
    const left = lookLive(stateDir);
    tell(`settling: ${left} profiles have something left`);
    const isDone = left === 0 && isComplete(expected, sink.messages);
    if (isDone || Date.now() >= deadlineAt) return server.killAndHold(() => readProfiles(stateDir));
  }
}

/** How many profiles are not settled; another process writes what is read here, so this is a hint and no proof. */
function lookLive(stateDir: string): number {
  try {
    return unsettled(readProfiles(stateDir)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

interface Outcome {
  plan: Plan;
  sink: Sink;
  violations: string[];
  seed: number;
  kills: number;
  resent: number;
  recoveriesMs: readonly number[];
}

function summaryOf({ plan, sink, violations, seed, kills, resent, recoveriesMs }: Outcome): string {
  const events = [...plan.first, ...plan.requests].reduce((sum, request) => sum + request.events.length, 0);
  const count = (beginning: string) => violations.filter((one) => one.startsWith(beginning)).length;
  const calls = [...sink.messages.values()].reduce((sum, message) => sum + message.calls, 0);
  return [
    `${kills} kills, ${events} events of ${plan.users.length} users, ${resent} requests sent again:`,
    `${count('lost')} lost, ${count('double')} double, ${count('missing')} missing, ${count('too many')} too many;`,
    `${sink.messages.size} messages in ${calls} calls; of ${plan.trials.size} texts ${sink.texts.size} came;`,
    `${violations.length} violations;`,
    `first answer after p50 ${percentile(recoveriesMs, 0.5)} ms, p99 ${percentile(recoveriesMs, 0.99)} ms`,
    `of workerd's start (n=${recoveriesMs.length}); seed ${seed}`,
  ].join(' ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
