/** What must hold, whatever was killed and when. Each violation is a sentence; none is good. */
import type { Api } from '../support/api.ts';
import { auditId, COUNTED, type CountedEvent } from './campaign.ts';
import type { LoadRecord } from './load.ts';
import type { Plan, PlannedEvent } from './plan.ts';
import type { Sink } from './sink.ts';
import type { StoredProfile } from './stored-profiles.ts';

/** What the alarm's own clock may lag behind the state's. */
const ALARM_SLACK_MS = 50;

/** Whatever waits for time has an alarm, no later than that: at any moment at which the process may die. */
export function pendingWithoutAlarm(profiles: StoredProfile[]): string[] {
  return profiles
    .filter(({ dueAt, alarmAt }) => dueAt !== null && (alarmAt === null || alarmAt > dueAt + ALARM_SLACK_MS))
    .map(
      ({ id, dueAt, alarmAt, outbox, waitingRuns }) =>
        `no alarm: ${id} has ${outbox.length} in the outbox and ${waitingRuns} waiting runs due at ${dueAt}, alarm ${alarmAt}`,
    );
}

export function unsettled(profiles: StoredProfile[]): string[] {
  return profiles
    .filter(({ outbox, waitingRuns }) => outbox.length > 0 || waitingRuns > 0)
    .map(({ id, outbox, waitingRuns }) => `unsettled: ${id}: ${outbox.slice(0, 3)}, ${waitingRuns} runs`);
}

/** Every event that was acknowledged is in exactly one profile's history, once, and nothing else is. */
export function miscounted(plan: Plan, record: LoadRecord, profiles: StoredProfile[]): string[] {
  const found: string[] = [];
  const owners = new Map<string, string[]>();
  for (const { id, messageIds } of profiles) {
    for (const messageId of messageIds) owners.set(messageId, [...(owners.get(messageId) ?? []), id]);
  }
  for (const planned of eventsOf(plan)) {
    const { messageId } = planned;
    if (!record.events.has(messageId)) found.push(`never acknowledged: ${messageId}`);
    else found.push(...misheld(plan, planned, owners.get(messageId) ?? []));
  }
  return found;
}

function misheld(plan: Plan, planned: PlannedEvent, holders: string[]): string[] {
  const { messageId, event, userId, anonymousId } = planned;
  const owner = userId ?? userOf(plan, anonymousId ?? '');
  const what = `${event} ${messageId} of ${owner}`;
  if (holders.length === 0) return [`lost: ${what}`];
  if (holders.length > 1) return [`double: ${what} is in ${holders}`];
  return holders[0] === owner ? [] : [`misplaced: ${what} is in ${holders}`];
}

function userOf(plan: Plan, anonymousId: string): string | undefined {
  return [...plan.anonymousIds].find(([, id]) => id === anonymousId)?.[0];
}

function eventsOf(plan: Plan): PlannedEvent[] {
  return [...plan.first, ...plan.requests].flatMap(({ events }) => events);
}

/** The message that the sign-up fires stood in its own answer, under one id, however often it was sent. */
export function unwelcomed(plan: Plan, record: LoadRecord): string[] {
  return plan.users.flatMap((userId) => {
    const ids = new Set<string>();
    for (const body of record.welcomes.get(userId) ?? []) {
      const { messages } = JSON.parse(body) as { messages: { id: string; trigger: string }[] };
      const welcome = messages.find(({ trigger }) => trigger === 'welcome');
      if (!welcome) return [`no welcome in an answer to ${userId}: ${body}`];
      ids.add(welcome.id);
    }
    return ids.size === 1 ? [] : [`${ids.size} welcomes for ${userId}`];
  });
}

/** The counters of each profile, as the explanation of a last event tells them; its relations and its old names. */
export async function miscountedByApi(api: Api, plan: Plan): Promise<string[]> {
  const due = dueCounts(plan);
  const found: string[] = [];
  for (const userId of plan.users) {
    const sent = await api.server('POST', '/v1/track', {
      userId,
      event: 'Audit',
      messageId: `audit-${userId}`,
    });
    if (sent.status !== 200) found.push(`the audit of ${userId} was answered with ${sent.status}`);
    const counted = await countedBy(api, userId);
    for (const event of COUNTED) {
      const wanted = due.get(`${userId} | ${event}`) ?? 0;
      const count = counted.get(auditId(event));
      if (count !== wanted) found.push(`${userId} has counted ${count} ${event}, ${wanted} were sent`);
    }
    found.push(...(await misremembered(api, plan, userId)));
  }
  return found;
}

/** Audit trigger → the count that its explanation of the last audit names. */
async function countedBy(api: Api, userId: string): Promise<Map<string, number | undefined>> {
  interface Decision {
    event: { name: string };
    triggers: { id: string; values?: { count?: number } }[];
  }
  const { body } = await api.admin('GET', `profiles/${userId}/decisions?limit=5`);
  const audit = (body.items as Decision[]).find(({ event }) => event.name === 'Audit');
  return new Map(audit?.triggers.map(({ id, values }) => [id, values?.count]));
}

async function misremembered(api: Api, plan: Plan, userId: string): Promise<string[]> {
  const { body } = await api.server('GET', `/v1/profiles/${userId}`);
  const liked = body.relations
    .filter(({ relation }: { relation: string }) => relation === 'liked')
    .map(({ itemId }: { itemId: string }) => itemId)
    .sort();
  const likes = [...(plan.likes.get(userId) ?? [])].sort();
  const anonymous = plan.anonymousIds.get(userId);
  const names = anonymous === undefined ? [] : [anonymous];
  return [
    ...(String(liked) === String(likes) ? [] : [`${userId} likes ${liked} instead of ${likes}`]),
    ...(String(body.anonymousIds) === String(names)
      ? []
      : [`${userId} was ${body.anonymousIds}, not ${names}`]),
  ];
}

function dueCounts(plan: Plan): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { event, userId, anonymousId } of eventsOf(plan)) {
    const key = `${userId ?? userOf(plan, anonymousId ?? '')} | ${event as CountedEvent}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * The list of deliveries tells of each message that left once, and that it was sent, or, where its run was cancelled after
 * its sender had been killed, that this is not known.
 */
export async function mislisted(api: Api, plan: Plan, sink: Sink): Promise<string[]> {
  const found: string[] = [];
  const listed = new Map<string, { trigger: string; channel: string; status: string }>();
  for await (const delivery of pages(api, 'deliveries')) {
    if (listed.has(delivery.id)) found.push(`listed twice: ${delivery.id}`);
    listed.set(delivery.id, delivery);
    const isOut = delivery.channel === 'webhook' && delivery.status === 'sent';
    if (isOut && !sink.messages.has(delivery.id)) found.push(`listed as sent and never came: ${delivery.id}`);
  }
  for (const [id, { trigger, user, ref }] of sink.messages) {
    const status = listed.get(id)?.status;
    const mayBeUnknown = plan.trials.get(ref)?.isCancelled ?? false;
    if (status !== 'sent' && !(mayBeUnknown && status === 'unknown'))
      found.push(`${trigger} of ${user} came and is listed as ${status}: ${id}`);
  }
  const welcomes = [...listed.values()].filter(({ trigger }) => trigger === 'welcome').length;
  if (welcomes !== plan.users.length)
    found.push(`${welcomes} welcomes listed for ${plan.users.length} users`);
  return found;
}

export interface Listed {
  id: string;
  trigger: string;
  channel: string;
  status: string;
}

export async function* pages(api: Api, path: string): AsyncGenerator<Listed> {
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await api.admin(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${cursor}`}`,
    );
    yield* body.items as Listed[];
    cursor = body.cursor;
  }
}
