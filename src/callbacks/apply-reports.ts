/**
 * What reports change, in an order that a crash may cut off anywhere, because providers send again what wasn't answered
 * with 200, and each step done twice is done once:
 *
 * 1. Addresses that refuse are written down: from here on the dispatcher sends there no more, whosever they are.
 * 2. Profiles hear what concerns the person, as an event (`engine/runs/hear-report.ts`): the message's own, and everybody
 *    who was written to at the address.
 * 3. Deliveries get their status and the report beside it. What belongs to no message of ours is counted.
 * 4. Whoever takes the export is told of the deliveries whose status was reported.
 */
import type { Env } from '../bindings.ts';
import type { Report } from '../channels/callbacks/callback.ts';
import { reportEvent, type ToldReport } from '../engine/runs/hear-report.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Event } from '../engine/vocabulary.ts';
import { unavailable } from '../http/api-error.ts';
import { addressKey } from '../protocol/address-key.ts';
import { profilesAt, refuseAddress } from '../store/address-refusals.ts';
import {
  changesDelivery,
  countStrays,
  keepReport,
  type Reported,
  reportedMessages,
} from '../store/delivery-reports.ts';

/** An event for one profile; its id carries the profile's key. */
export interface Telling {
  key: string;
  eventFor(profileKey: string): Event;
}

export interface ReportDeps {
  /** All of them, wherever they have moved. Null, or the seconds after which it may be tried again. */
  tell(env: Env, tellings: Telling[]): Promise<number | null>;
  /** To the stream of exports: these deliveries are in D1 as they are now. Throws where it doesn't take them. */
  stream(env: Env, deliveries: string[]): Promise<void>;
  sleep(ms: number): Promise<void>;
}

/** A provider can be quicker than our own note of what it was given. */
const LOOK_AGAIN_MS = 2_000;
const YOUNG_MS = 60_000;
const STREAM_AGAIN_SECONDS = 10;
const OUR_ID = /^msg_[0-9a-z]{22}_/;

export interface Reporter {
  provider: string;
  /** Those that it has proven itself for. */
  channels: readonly Channel[];
}

/** Throws 503 where a profile, or the stream of exports, can't be told now. */
export async function applyReports(
  env: Env,
  { provider, channels }: Reporter,
  reports: readonly Report[],
  now: number,
  deps: ReportDeps,
): Promise<void> {
  if (reports.length === 0) return;
  const found = await messagesOf(env, reports, now, deps);
  // One provider's secret is good for the messages that it sends, not for another's.
  const messages = new Map([...found].filter(([, { channel }]) => channels.includes(channel)));
  const known = reports.flatMap((report) => whole(report, messages));
  await keepRefusals(env, provider, known);
  await tellProfiles(env, provider, known, now, deps);
  const statements = known.flatMap(({ report, message }) => {
    const { messageId, kind, code, at } = report;
    if (messageId === null || !message) return [];
    return keepReport(env.DB, { id: messageId, kind, provider, code, reportedAt: at }, now);
  });
  const strays = reports.length - known.length;
  if (strays > 0) statements.push(countStrays(env.DB, provider, strays, now));
  if (statements.length > 0) await env.DB.batch(statements);
  await streamRaised(env, known, deps);
}

/** Also of a report that D1 has had before: it may have been cut off here. */
async function streamRaised(env: Env, known: readonly Known[], { stream }: ReportDeps): Promise<void> {
  const raised = known.flatMap(({ report, message }) =>
    message && report.messageId !== null && changesDelivery(report.kind) ? [report.messageId] : [],
  );
  if (raised.length === 0) return;
  try {
    await stream(env, [...new Set(raised)]);
  } catch {
    throw unavailable('Not everything could be told on now. Send the same again.', STREAM_AGAIN_SECONDS);
  }
}

async function messagesOf(
  env: Env,
  reports: readonly Report[],
  now: number,
  { sleep }: ReportDeps,
): Promise<Map<string, Reported>> {
  const ids = [...new Set(reports.flatMap(({ messageId }) => messageId ?? []))];
  const found = await reportedMessages(env.DB, ids);
  const isYoung = ({ messageId, at }: Report) =>
    messageId !== null && !found.has(messageId) && OUR_ID.test(messageId) && now - at < YOUNG_MS;
  if (!reports.some(isYoung)) return found;
  await sleep(LOOK_AGAIN_MS);
  return reportedMessages(env.DB, ids);
}

/** A report of a message that is ours, or of an address on a channel that is known. */
interface Known {
  report: Report & { channel: NonNullable<Report['channel']> };
  message: Reported | null;
}

function whole(report: Report, messages: ReadonlyMap<string, Reported>): Known[] {
  const message = report.messageId === null ? null : (messages.get(report.messageId) ?? null);
  // The message knows best: a provider's numbers serve SMS and more.
  const channel = message?.channel ?? report.channel;
  const isAboutAddress = report.messageId === null && report.address !== null;
  return channel !== null && (message || isAboutAddress) ? [{ report: { ...report, channel }, message }] : [];
}

const REFUSES = ['bounced', 'refused', 'complained', 'opted_out'];

async function keepRefusals(env: Env, provider: string, known: readonly Known[]): Promise<void> {
  const statements = await Promise.all(
    known.flatMap(({ report }) => {
      const { address, channel, kind, code, id: reportId, at: refusedAt, of } = report;
      if (address === null || !REFUSES.includes(kind)) return [];
      return [
        addressKey(env, address).then((key) =>
          refuseAddress(env.DB, {
            ...{ addressKey: key, channel, marketingOnly: of === 'marketing' },
            ...{ kind, provider, code, reportId, refusedAt },
          }),
        ),
      ];
    }),
  );
  if (statements.length > 0) await env.DB.batch(statements);
}

async function tellProfiles(
  env: Env,
  provider: string,
  known: readonly Known[],
  now: number,
  deps: ReportDeps,
): Promise<void> {
  const concerning = known.filter(({ report }) => report.kind !== 'delivered');
  const tellings = await Promise.all(
    concerning.map(async ({ report, message }) => {
      const told: ToldReport = { ...report, provider, address: report.address?.value ?? null };
      return [...(await concerned(env, report, message))].map(
        (key): Telling => ({ key, eventFor: (profileKey) => reportEvent(told, profileKey, now) }),
      );
    }),
  );
  const retryAfter = await deps.tell(env, tellings.flat());
  if (retryAfter !== null) {
    throw unavailable('Not everything could be made durable now. Send the same again.', retryAfter);
  }
}

/** The message's own profile, and of a refusal everybody who was written to there. */
async function concerned(
  env: Env,
  { address, kind }: Report,
  message: Reported | null,
): Promise<Set<string>> {
  const own = message ? [message.profileKey] : [];
  if (address === null || !REFUSES.includes(kind)) return new Set(own);
  return new Set([...own, ...(await profilesAt(env.DB, await addressKey(env, address)))]);
}
