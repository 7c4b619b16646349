/**
 * Facts are kept in the profile's outbox until D1 has them: written here, then settled there. A batch costs a statement
 * or two, however many profiles it speaks of; writing it again changes nothing, so any failure is a retry.
 */
import type { Env } from '../bindings.ts';
import type { FactsMessage } from '../protocol/queue-messages.ts';
import type { ProfileRpc, RegistryRpc } from '../protocol/rpc.ts';
import { profileStub, registryStub, schedulerStub } from '../protocol/stubs.ts';
import { applyFacts, exportNamesOf } from '../store/facts.ts';
import { askGuardrails } from '../store/guardrails.ts';
import type { ProfileFacts } from '../store/profile-facts.ts';
import { streamExport } from './export-stream.ts';

interface FactsDeps {
  apply(profiles: readonly ProfileFacts[]): Promise<void>;
  /** Of triggers whose messages somebody has left after; pauses those whose guardrail is crossed. */
  guard(triggers: string[]): Promise<void>;
  /** Once D1 has them. */
  stream(profiles: readonly ProfileFacts[]): Promise<void>;
  /** New stubs each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'settleFacts'>;
  registry(profileKey: string): Pick<RegistryRpc, 'add'>;
}

type FactsHint = Message<FactsMessage>;

const RETRY_SECONDS = 10;

function factsDeps(env: Env): FactsDeps {
  return {
    apply: (profiles) => applyFacts(env.DB, profiles),
    guard: (triggers) => guard(env, triggers),
    stream: (profiles) => streamExport(env, () => exportNamesOf(profiles)),
    profile: (key) => profileStub(env, key),
    registry: (key) => registryStub(env, key),
  };
}

export async function consumeFacts(
  batch: MessageBatch<FactsMessage>,
  env: Env,
  deps: FactsDeps = factsDeps(env),
): Promise<void> {
  const byProfile = groupByProfile(batch.messages);
  try {
    const profiles = [...byProfile].map(([profileKey, messages]) => ({
      profileKey,
      facts: messages.flatMap(({ body }) => body.facts),
    }));
    await deps.apply(profiles);
    const left = reactedTo(batch.messages);
    if (left.length > 0) await deps.guard(left);
    await deps.stream(profiles);
  } catch {
    for (const messages of byProfile.values()) retryAll(messages);
    return;
  }
  await Promise.all([...byProfile].map(([key, messages]) => settleProfile(key, messages, deps)));
}

function reactedTo(messages: readonly FactsHint[]): string[] {
  return messages.flatMap(({ body }) =>
    (Array.isArray(body?.facts) ? body.facts : []).flatMap(({ reaction }) => reaction?.trigger ?? []),
  );
}

/** What it pauses is no longer live: broadcasts are planned by that, and the scheduler also looks for itself. */
async function guard(env: Env, triggers: string[]): Promise<void> {
  const now = Date.now();
  const paused = await askGuardrails(env, triggers, now);
  if (paused.length > 0) await schedulerStub(env).sync(now);
}

async function settleProfile(profileKey: string, messages: FactsHint[], deps: FactsDeps): Promise<void> {
  const facts = messages.flatMap(({ body }) => body.facts);
  try {
    const created = facts.find(({ kind }) => kind === 'profile_created');
    if (created) await deps.registry(profileKey).add([{ key: profileKey, createdAt: created.at }]);
    await deps.profile(profileKey).settleFacts([...new Set(facts.map(({ seq }) => seq))]);
  } catch {
    retryAll(messages);
    return;
  }
  for (const message of messages) message.ack();
}

/** What isn't facts is a newer build's: retried, and at last a dead letter. */
function groupByProfile(messages: readonly FactsHint[]): Map<string, FactsHint[]> {
  const byProfile = new Map<string, FactsHint[]>();
  for (const message of messages) {
    const { body } = message;
    if (body?.v !== 1 || body.kind !== 'facts' || !Array.isArray(body.facts)) {
      message.retry({ delaySeconds: RETRY_SECONDS });
      continue;
    }
    const known = byProfile.get(body.profile);
    if (known) known.push(message);
    else byProfile.set(body.profile, [message]);
  }
  return byProfile;
}

function retryAll(messages: FactsHint[]): void {
  for (const message of messages) message.retry({ delaySeconds: RETRY_SECONDS });
}
