/**
 * What a provider without idempotency may be asked for: each text at most once. Where the sender was killed with it, it is not
 * sent again; it is listed as unknown, and is a dead letter, for a person to decide on.
 */
import type { Api } from '../support/api.ts';
import { TEXT } from './campaign.ts';
import { type Listed, pages } from './checks.ts';
import type { Plan } from './plan.ts';
import type { Sink } from './sink.ts';

interface Text extends Listed {
  userId: string;
}

export async function mistexted(api: Api, plan: Plan, sink: Sink): Promise<string[]> {
  const found: string[] = [];
  const due = new Set([...plan.trials].map(([trialId, { userId }]) => `${userId} ${trialId}`));
  for (const [text, calls] of sink.texts) {
    if (calls > 1) found.push(`a text came ${calls} times: ${text}`);
    if (!due.has(text)) found.push(`a text that was not due: ${text}`);
  }
  const listed = await listedTexts(api);
  const unknown = new Set(listed.filter(({ status }) => status === 'unknown').map(({ id }) => id));
  for (const { id, status } of listed) {
    if (status !== 'sent' && status !== 'unknown') found.push(`the text ${id} is listed as ${status}`);
  }
  for (const userId of plan.users) found.push(...uneven(userId, listed, due, sink));
  found.push(...(await lettersBut(api, unknown)));
  return found;
}

/** What is unknown is a dead letter, and nothing else is. */
async function lettersBut(api: Api, unknown: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  const letters = new Set<string>();
  for await (const letter of pages(api, 'dead-letters')) {
    letters.add(letter.id);
    if (!unknown.has(letter.id)) found.push(`a dead letter: ${JSON.stringify(letter)}`);
  }
  for (const id of unknown) if (!letters.has(id)) found.push(`unknown and no dead letter: ${id}`);
  return found;
}

/** As many are listed as are due; all that are listed as sent came, and no more than those of which it isn't known. */
function uneven(userId: string, listed: Text[], due: Set<string>, sink: Sink): string[] {
  const ofUser = (texts: Iterable<string>) =>
    [...texts].filter((text) => text.startsWith(`${userId} `)).length;
  const own = listed.filter((text) => text.userId === userId);
  const sent = own.filter(({ status }) => status === 'sent').length;
  const came = ofUser(sink.texts.keys());
  const found: string[] = [];
  if (own.length !== ofUser(due))
    found.push(`${own.length} texts of ${userId} are listed, ${ofUser(due)} were due`);
  if (came < sent || came > own.length) {
    found.push(`${came} texts of ${userId} came, ${sent} of ${own.length} are listed as sent`);
  }
  return found;
}

async function listedTexts(api: Api): Promise<Text[]> {
  const all: Text[] = [];
  for await (const delivery of pages(api, `deliveries?trigger=${TEXT}`)) all.push(delivery as Text);
  return all;
}
