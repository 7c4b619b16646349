/**
 * The documents in force, held in the isolate's memory and brought up to date by what has changed since its head.
 * Plain data only, and replaced as a whole: concurrent callers may each read D1 and none can spoil what another sees.
 */
import type { Env } from '../bindings.ts';
import type { LiveDocuments, LiveTrigger, Versioned } from '../engine/config.ts';
import type {
  CapsPolicy,
  ChannelSettings,
  GuardrailsPolicy,
  HoldoutPolicy,
  LawPolicy,
  Lookup,
  QuietHoursPolicy,
  ReportsPolicy,
  Segment,
  Template,
  WorkspacePolicy,
} from '../engine/documents.ts';
import { oncePer } from '../engine/once-per.ts';
import { readPublicUrl } from '../protocol/public-url.ts';
import {
  applyPacks,
  CHANGES,
  type LiveRow,
  PAGE_PACKS,
  type PackedDocument,
  type PackRow,
  selectPacks,
} from './config-packs.ts';
import type { DocumentKind } from './document-state.ts';
import { forgetVersions } from './document-versions.ts';
import type { ShadowDocument } from './shadows.ts';

const PAGE_ROWS = 100;
const DEVELOPMENT_URL = 'http://127.0.0.1:8787';

interface ChangeRow extends LiveRow {
  /** Null where nothing is in force. */
  body: string | null;
}

/** The same object as long as the document is the same: what is compiled from it is kept with it. */
interface Entry {
  kind: DocumentKind;
  live: LiveTrigger | Versioned<unknown>;
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
  let snapshot = await read(env, before);
  // Another database, or an older head: it was replaced or restored. What we hold says nothing about it.
  if (before && (snapshot.epoch !== before.epoch || snapshot.head < before.head)) {
    newest = undefined;
    forgetVersions();
    snapshot = await read(env, undefined);
  }
  if (newest === undefined || snapshot.head >= newest.head) newest = snapshot;
  const publicUrl = deploymentUrl(env);
  return { ...toLiveDocuments(snapshot), ...(publicUrl !== undefined && { publicUrl }) };
}

/** In development nobody outside opens the links: the usual address of one's own machine will do. */
function deploymentUrl({ PUBLIC_URL, ENVIRONMENT }: Env): string | undefined {
  return readPublicUrl(PUBLIC_URL) ?? (ENVIRONMENT === 'development' ? DEVELOPMENT_URL : undefined);
}

function read({ DB }: Env, since: Snapshot | undefined): Promise<Snapshot> {
  const session = DB.withSession('first-primary');
  return since ? readChanges(session, new Map(since.entries), since.head, since) : readAll(session);
}

/** For an isolate that knows nothing: packs, and the tail behind them, in one round trip where they are few. */
async function readAll(session: D1DatabaseSession): Promise<Snapshot> {
  const entries = new Map<string, Entry>();
  const apply = ({ row, body }: PackedDocument) => put(entries, row, body);
  const [heads, packs, changes] = await session.batch<HeadRow | PackRow | ChangeRow>([
    selectHead(session),
    selectPacks(session, 0),
    selectChanges(session, '(SELECT coalesce(max(to_head), 0) FROM config_packs)'),
  ]);
  let page = (packs?.results ?? []) as PackRow[];
  let packed = applyPacks(page, 0, apply);
  const tail = (changes?.results ?? []) as ChangeRow[];
  if (!packed.hasGap && page.length < PAGE_PACKS && tail.length < PAGE_ROWS) {
    for (const row of tail) applyChange(entries, row);
    return snapshotOf(heads?.results as HeadRow[] | undefined, entries);
  }
  while (!packed.hasGap && page.length === PAGE_PACKS) {
    page = (await selectPacks(session, packed.at).all<PackRow>()).results;
    packed = applyPacks(page, packed.at, apply);
  }
  return readChanges(session, entries, packed.at, undefined);
}

/** Brings entries that are known up to the head `from` up to date. */
async function readChanges(
  session: D1DatabaseSession,
  entries: Map<string, Entry>,
  from: number,
  since: Snapshot | undefined,
): Promise<Snapshot> {
  let at = from;
  for (;;) {
    // One transaction: the head and the changes belong together. Later pages may see a later head, and then also
    // what changed meanwhile: every change has a `changed_head` of its own, which only grows.
    const [heads, changes] = await session.batch<HeadRow | ChangeRow>([
      selectHead(session),
      selectChanges(session, '?1').bind(at),
    ]);
    const rows = (changes?.results ?? []) as ChangeRow[];
    for (const row of rows) applyChange(entries, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) {
      const snapshot = snapshotOf(heads?.results as HeadRow[] | undefined, entries);
      return since?.head === snapshot.head ? { ...snapshot, entries: since.entries } : snapshot;
    }
    at = last.changed_head;
  }
}

function selectHead(session: D1DatabaseSession): D1PreparedStatement {
  return session.prepare('SELECT epoch, version, stopped FROM config_head WHERE id = 1');
}

function selectChanges(session: D1DatabaseSession, after: string): D1PreparedStatement {
  return session.prepare(
    `SELECT d.kind, d.id, d.state, d.live_version, d.activated_at, d.changed_head, v.body ${CHANGES}
      WHERE d.changed_head > ${after} ORDER BY d.changed_head LIMIT ${PAGE_ROWS}`,
  );
}

function snapshotOf(heads: HeadRow[] | undefined, entries: Map<string, Entry>): Snapshot {
  const head = heads?.[0];
  if (!head) throw new Error('config_head is empty: the migrations have not been applied');
  return { epoch: head.epoch, head: head.version, stopped: head.stopped === 1, entries };
}

function applyChange(entries: Map<string, Entry>, { body, ...row }: ChangeRow): void {
  put(entries, row, body === null ? null : JSON.parse(body));
}

function put(entries: Map<string, Entry>, row: LiveRow, document: unknown): void {
  const key = `${row.kind}/${row.id}`;
  if (document === null || row.live_version === null) {
    entries.delete(key);
    return;
  }
  const state = row.state === 'live' ? ('live' as const) : ('paused' as const);
  const known = entries.get(key)?.live as LiveTrigger | undefined;
  // A new draft, say: the version that is in force has not changed.
  const isSame = known?.version === row.live_version && known.state === state;
  if (isSame && known.activatedAt === (row.activated_at ?? 0)) return;
  const live = { document, version: row.live_version, state, activatedAt: row.activated_at ?? 0 };
  entries.set(key, { kind: row.kind, live });
}

type Listed = LiveDocuments & Required<Pick<LiveDocuments, 'shadows'>>;

function toLiveDocuments({ head, stopped, entries }: Snapshot): LiveDocuments {
  const live: Listed = {
    head,
    stopped,
    triggers: [],
    shadows: [],
    templates: [],
    segments: [],
    lookups: [],
    channels: [],
    policies: {},
  };
  for (const entry of entries.values()) list(live, entry);
  return live;
}

/** Bodies were checked against their kind's schema when they were written. */
function list(into: Listed, { kind, live }: Entry): void {
  switch (kind) {
    case 'trigger':
      into.triggers.push(live as LiveTrigger);
      break;
    case 'shadow':
      into.shadows.push(shadowOf(live as LiveTrigger));
      break;
    case 'template':
      into.templates.push(live as Versioned<Template>);
      break;
    case 'segment':
      into.segments.push(live as Versioned<Segment>);
      break;
    case 'lookup':
      into.lookups.push(live as Versioned<Lookup>);
      break;
    case 'channel':
      into.channels.push(live.document as ChannelSettings);
      break;
    case 'policy':
      putPolicy(into, live.document as { id: string });
      break;
    default:
      kind satisfies never;
  }
}

/** Made once of each, so that what is compiled from it is kept with it. */
const shadowOf = oncePer(({ document, activatedAt }: LiveTrigger): LiveTrigger => {
  const { trigger, version } = document as unknown as ShadowDocument;
  return { document: trigger, version, state: 'live', activatedAt };
});

function putPolicy(live: LiveDocuments, policy: { id: string }): void {
  if (policy.id === 'workspace') live.policies.workspace = policy as WorkspacePolicy;
  if (policy.id === 'law') live.policies.law = policy as LawPolicy;
  if (policy.id === 'caps') live.policies.caps = policy as CapsPolicy;
  if (policy.id === 'holdout') live.policies.holdout = policy as HoldoutPolicy;
  if (policy.id === 'quiet_hours') live.policies.quietHours = policy as QuietHoursPolicy;
  if (policy.id === 'reports') live.policies.reports = policy as ReportsPolicy;
  if (policy.id === 'guardrails') live.policies.guardrails = policy as GuardrailsPolicy;
}
