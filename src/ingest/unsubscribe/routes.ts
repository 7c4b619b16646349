/**
 * `/u/:token`: where the links in messages lead. Whoever has the link has a message that went to the user, and may refuse
 * more of them without signing in (RFC 8058; 정보통신망법 §50④, ⑥; CAN-SPAM).
 *
 *     GET, HEAD   a page; changes nothing, whoever follows the link (scanners do)
 *     POST        what it asks for is written into the profile's ledger, as any other consent is; the same page then says so
 *
 * A token that this deployment hasn't signed reaches nobody. One of a profile that isn't there any more makes none. What is
 * queued is not looked for here: a profile is asked for consent again before anything leaves it.
 */
import { consentNameOf } from '../../engine/gates/consent-gate.ts';
import type { UnsubscribeLink } from '../../engine/send/links/unsubscribe-link.ts';
import { ApiError } from '../../http/api-error.ts';
import { htmlResponse } from '../../http/html.ts';
import type { RequestContext, Route } from '../../http/route.ts';
import { ASKED_CHANNELS } from '../../protocol/unsubscribe-form.ts';
import { readUnsubscribeToken } from '../../protocol/unsubscribe-token.ts';
import type { IngestDeps } from '../deps.ts';
import { changesFor } from './changes.ts';
import type { AskedChannel } from './ledger.ts';
import { readLedger, writeChanges } from './own-ledger.ts';
import { noticePage, type PageState, preferencesPage } from './page.ts';
import { pageLanguage } from './page-language.ts';
import { WORDS } from './page-words.ts';
import { readWish } from './read-wish.ts';

type Deps = Pick<IngestDeps, 'profile' | 'loadConfig'>;
type Outcome = Pick<PageState, 'ledger' | 'done'>;
/** Null: the request asks for nothing that can be done. */
type Act = (request: Request, context: RequestContext, link: UnsubscribeLink) => Promise<Outcome | null>;

const PATH = '/u/:token';

export function unsubscribeRoutes(deps: Deps): Route[] {
  const look: Act = async (_request, { env }, link) => {
    const { ledger } = await readLedger(deps, env, link.profileKey);
    return { ledger, done: null };
  };
  const change: Act = async (request, context, link) => {
    const wish = await readWish(request);
    if (wish === null) return null;
    const own = await readLedger(deps, context.env, link.profileKey);
    const { ledger } = own;
    if (ledger === null) return { ledger, done: null };
    const changes = changesFor(wish, askedChannel(link), ledger);
    const source = `${wish.kind === 'set' ? 'preferences' : 'unsubscribe'}:${link.messageId}`;
    const { now } = context;
    const after = await writeChanges(deps, context.env, { ...own, ledger }, changes, { source, now });
    return { ledger: after, done: { changes, at: now } };
  };
  const page = (act: Act) => (request: Request, context: RequestContext) =>
    answer(deps, act, request, context);
  return [
    { method: 'GET', path: PATH, auth: 'none', handle: page(look) },
    { method: 'HEAD', path: PATH, auth: 'none', handle: withoutBody(page(look)) },
    { method: 'POST', path: PATH, auth: 'none', handle: page(change) },
  ];
}

/** A person reads the answer: whatever goes wrong is a page too. */
async function answer(deps: Deps, act: Act, request: Request, context: RequestContext): Promise<Response> {
  const { env, params, url } = context;
  const link = await readUnsubscribeToken(env, params.token ?? '');
  const language = pageLanguage(url, request, link?.language ?? null);
  const words = WORDS[language];
  const notice = (status: number, text: { title: string; text: string }) =>
    htmlResponse(noticePage(language, text), status, language);
  if (!link) return notice(404, words.unknownLink);
  try {
    const outcome = await act(request, context, link);
    if (!outcome) return notice(400, words.unclear);
    const { law, workspace } = (await deps.loadConfig(env)).policies;
    const channel = askedChannel(link);
    const state = { language, sender: law.sender ?? {}, timeZone: workspace.tz, channel, ...outcome };
    return htmlResponse(preferencesPage(state), 200, language);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const response = notice(error.status, error.status === 413 ? words.tooLarge : words.later);
    if (error.retryAfterSeconds !== undefined)
      response.headers.set('retry-after', String(error.retryAfterSeconds));
    return response;
  }
}

function withoutBody(handle: Route['handle']): Route['handle'] {
  return async (request, context) => {
    const { status, headers } = await handle(request, context);
    return new Response(null, { status, headers });
  };
}

function askedChannel({ channel }: UnsubscribeLink): AskedChannel | null {
  return ASKED_CHANNELS.find((one) => one === consentNameOf(channel)) ?? null;
}
