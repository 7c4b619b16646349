/**
 * The documents in force, held in the isolate's memory and brought up to date by what has changed since its head.
 * Plain data only, and replaced as a whole: concurrent callers may each read D1 and none can spoil what another sees.
 */
import type { Env } from '../bindings.ts';
import type { LiveDocuments, LiveTrigger, Versioned } from '../engine/config.ts';
import type {
  CapsPolicy,
  ChannelSettings,
  HoldoutPolicy,
  LawPolicy,
  Lookup,
  QuietHoursPolicy,
  Segment,
  Template,
  WorkspacePolicy,
} from '../engine/documents.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { DocumentKind, DocumentState } from './document-state.ts';
import { forgetVersions } from './document-versions.ts';

const PAGE_ROWS = 100;

interface LiveRow {
  kind: DocumentKind;
  id: string;
  state: DocumentState;
  live_version: number | null;
  activated_at: number | null;
  changed_head: number;
  /** Null where nothing is in force. */
  body: string | null;
}

interface Entry {
  kind: DocumentKind;
  version: number;
  state: 'live' | 'paused';
  activatedAt: number;
  document: unknown;
}

interface HeadRow {
  epoch: string;
  version: number;
  stopped: number;
}

interface Snapshot {
  epoch: string;
  head: number;
  stopped: boolean;
  entries: ReadonlyMap<string, Entry>;
}

let newest: Snapshot | undefined;

/** The documents in force now, read from the primary. An unchanged configuration costs one round trip and no rows. */
export async function loadLiveDocuments(env: Env): Promise<LiveDocuments> {
  const before = newest;
  let snapshot = await readChanges(env, before);
  // Another database, or an older head: it was replaced or restored. What we hold says nothing about it.
  if (before && (snapshot.epoch !== before.epoch || snapshot.head < before.head)) {
    newest = undefined;
    forgetVersions();
    snapshot = await readChanges(env, undefined);
  }
  if (newest === undefined || snapshot.head >= newest.head) newest = snapshot;
  return toLiveDocuments(snapshot);
}

async function readChanges(env: Env, since: Snapshot | undefined): Promise<Snapshot> {
  const session = env.DB.withSession('first-primary');
  const entries = new Map(since?.entries);
  let from = since?.head ?? 0;
  for (;;) {
    // One transaction: the head and the changes belong together. Later pages may see a later head, and then also
    // what changed meanwhile: every change has a `changed_head` of its own, which only grows.
    const [heads, changes] = await session.batch<HeadRow | LiveRow>([
      session.prepare('SELECT epoch, version, stopped FROM config_head WHERE id = 1'),
      session
        .prepare(
          `SELECT d.kind, d.id, d.state, d.live_version, d.activated_at, d.changed_head, v.body
             FROM documents d
             LEFT JOIN document_versions v
               ON v.kind = d.kind AND v.id = d.id AND v.version = d.live_version AND d.state IN ('live', 'paused')
            WHERE d.changed_head > ?1 ORDER BY d.changed_head LIMIT ${PAGE_ROWS}`,
        )
        .bind(from),
    ]);
    const head = heads?.results[0] as HeadRow | undefined;
    if (!head) throw new Error('config_head is empty: the migrations have not been applied');
    const rows = (changes?.results ?? []) as LiveRow[];
    for (const row of rows) apply(entries, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) {
      const isUnchanged = since !== undefined && head.version === since.head;
      return {
        epoch: head.epoch,
        head: head.version,
        stopped: head.stopped === 1,
        entries: isUnchanged ? since.entries : entries,
      };
    }
    from = last.changed_head;
  }
}

function apply(entries: Map<string, Entry>, row: LiveRow): void {
  const key = `${row.kind}/${row.id}`;
  if (row.body === null || row.live_version === null) {
    entries.delete(key);
    return;
  }
  entries.set(key, {
    kind: row.kind,
    version: row.live_version,
    state: row.state === 'live' ? 'live' : 'paused',
    activatedAt: row.activated_at ?? 0,
    document: JSON.parse(row.body),
  });
}

function toLiveDocuments({ head, stopped, entries }: Snapshot): LiveDocuments {
  const live: LiveDocuments = {
    head,
    stopped,
    triggers: [],
    templates: [],
    segments: [],
    lookups: [],
    channels: [],
    policies: {},
  };
  for (const entry of entries.values()) put(live, entry);
  return live;
}

/** Bodies were checked against their kind's schema when they were written. */
function put(live: LiveDocuments, { kind, document, version, state, activatedAt }: Entry): void {
  switch (kind) {
    case 'trigger':
      live.triggers.push({
        document: document as Trigger,
        version,
        state,
        activatedAt,
      } satisfies LiveTrigger);
      break;
    case 'template':
      live.templates.push({ document: document as Template, version });
      break;
    case 'segment':
      live.segments.push({ document: document as Segment, version } satisfies Versioned<Segment>);
      break;
    case 'lookup':
      live.lookups.push({ document: document as Lookup, version });
      break;
    case 'channel':
      live.channels.push(document as ChannelSettings);
      break;
    case 'policy':
      putPolicy(live, document as { id: string });
      break;
    default:
      kind satisfies never;
  }
}

function putPolicy(live: LiveDocuments, policy: { id: string }): void {
  if (policy.id === 'workspace') live.policies.workspace = policy as WorkspacePolicy;
  if (policy.id === 'law') live.policies.law = policy as LawPolicy;
  if (policy.id === 'caps') live.policies.caps = policy as CapsPolicy;
  if (policy.id === 'holdout') live.policies.holdout = policy as HoldoutPolicy;
  if (policy.id === 'quiet_hours') live.policies.quietHours = policy as QuietHoursPolicy;
}
