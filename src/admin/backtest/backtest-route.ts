/**
 * `triggers/backtest`: a trigger over recorded lives, before anybody receives anything.
 *
 *     registry → keys of the sample → each profile's recording, its items' prices → lived again in this Worker → the answer
 *
 * The lives are read from their objects and lived here, not there: a replay would keep an object from its user's events,
 * and a price is read once for all who know the item. One request goes as far as the platform lets it; its `cursor` goes
 * on, and the parts add up.
 */
import type { Env } from '../../bindings.ts';
import type { LiveDocuments } from '../../engine/config.ts';
import { invalidRequest } from '../../http/api-error.ts';
import { jsonResponse } from '../../http/json-response.ts';
import { readJson } from '../../http/read-body.ts';
import type { RequestContext, Route } from '../../http/route.ts';
import { type BacktestAnswer, backtestSchema, DEFAULT_SAMPLE } from '../../protocol/backtest-schema.ts';
import type { ItemStanding } from '../../protocol/catalog-rpc.ts';
import { MAX_PREVIEW_BYTES } from '../../protocol/preview-schema.ts';
import { checkDocument } from '../../protocol/schema-kit.ts';
import { backtestConfigs } from '../../simulate/backtest/backtest-configs.ts';
import { type BacktestSetup, backtestLife } from '../../simulate/backtest/backtest-life.ts';
import { backtestLimits } from '../../simulate/backtest/backtest-limits.ts';
import { BacktestTotals } from '../../simulate/backtest/backtest-totals.ts';
import { loadLiveDocuments } from '../../store/live-documents.ts';
import { readerLanguage } from '../reader-language.ts';
import { givenTrigger, storedTrigger } from '../tried-trigger.ts';
import { CALLS_OF_A_LIFE, readItems, readLife } from './recorded-lives.ts';
import { type Place, placeText, readPlace, START, sampledProfiles } from './sampled-profiles.ts';
import { Spending } from './spending.ts';

/** Of the 1,000 calls that one invocation may make, the last are D1's. */
const CALLS = 950;
/**
 * `events`: each is lived twice, at some 50 µs; together a few seconds of the 30 that a request may compute. `lines`: some
 * 2 MB of answer.
 */
const LIMITS = { lives: 200, events: 40_000, lines: 2_000 };

/** `POST /admin/api/triggers/backtest` `{ trigger | triggerId, from, to, sample?, cursor? }`. */
export function backtestRoute(): Route {
  return {
    method: 'POST',
    path: '/admin/api/triggers/backtest',
    auth: 'admin',
    handle: backtest,
  };
}

async function backtest(request: Request, { env, url }: RequestContext): Promise<Response> {
  const checked = checkDocument(backtestSchema, await readJson(request, MAX_PREVIEW_BYTES));
  if (checked.kind === 'invalid') {
    throw invalidRequest('This is not a backtest that can be asked for.', checked.issues);
  }
  const { trigger: given, triggerId = '', from, to, sample = DEFAULT_SAMPLE, cursor } = checked.document;
  const place = cursor === undefined ? START : readPlace(cursor);
  if (!place) {
    const issues = [{ path: 'cursor', message: 'expected the `cursor` of the answer before' }];
    throw invalidRequest('`cursor` must be one that a backtest has answered.', issues);
  }
  const tried = given ? await givenTrigger(env, given) : await storedTrigger(env, triggerId);
  const span = { fromAt: Date.parse(from), toAt: Date.parse(to) };
  const live: LiveDocuments = {
    ...(await loadLiveDocuments(env)),
    logsByDefault: env.ENVIRONMENT === 'development',
  };
  const { id } = tried.document;
  const setup = { trigger: id, ...backtestConfigs(live, tried, span), span };
  const size = sample === 'all' ? Number.POSITIVE_INFINITY : sample;
  const { totals, next } = await liveAgain(env, setup, place, size);
  const answer: BacktestAnswer = {
    ...{ trigger: id, version: tried.version },
    ...{ from: new Date(span.fromAt).toISOString(), to: new Date(span.toAt).toISOString() },
    ...totals.told(),
    limits: backtestLimits(tried.document, await readerLanguage(request, { env, url })),
    cursor: next && placeText(next),
  };
  return jsonResponse(answer);
}

/** As many lives as one request may; `next` is null where the sample is through. */
async function liveAgain(env: Env, setup: BacktestSetup, from: Place, size: number) {
  const totals = new BacktestTotals(setup.within);
  const spending = new Spending(CALLS);
  const items = new Map<string, ItemStanding>();
  let next: Place | null = from;
  const left = Math.max(0, size - from.passed);
  for await (const step of sampledProfiles(env, from, Math.min(LIMITS.lives, left) || 1, spending)) {
    if (step.key !== null) {
      if (next !== null && next.passed >= size) return { totals, next: null };
      if (totals.isFull(LIMITS) || !spending.has(CALLS_OF_A_LIFE)) return { totals, next };
      await addLife(env, step.key, { setup, totals, spending, items });
    }
    next = step.next;
  }
  return { totals, next };
}

interface Answering {
  setup: BacktestSetup;
  totals: BacktestTotals;
  spending: Spending;
  items: Map<string, ItemStanding>;
}

/** One that is gone, doesn't answer or sets too much in motion is skipped, and counted. */
async function addLife(env: Env, key: string, { setup, totals, spending, items }: Answering): Promise<void> {
  const { policies, itemListeners } = setup.within;
  try {
    const life = await readLife(env, key, spending);
    if (!life) return totals.skip();
    if (itemListeners.length > 0) {
      await readItems(env, life, policies.workspace.currency, items, spending);
    }
    totals.add(life.who.profile, life.events.length, await backtestLife(life, items, setup));
  } catch {
    totals.skip();
  }
}
