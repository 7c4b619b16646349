/**
 * The edge: finds the route, says who asks, runs the handler, and turns whatever it throws into the contract's error
 * shape. The one try/catch of the HTTP side stands here.
 */
import { type IRequest, IttyRouter } from 'itty-router';
import { type Env, missingBindings } from '../bindings.ts';
import { Admission } from './admission.ts';
import { ApiError, invalidRequest, overloaded } from './api-error.ts';
import { authorizeRoute, type FindKey } from './auth.ts';
import { allowOrigin, isCrossOrigin, preflight } from './cors.ts';
import { errorResponse, type ReportFault } from './error-response.ts';
import { healthRoute } from './health.ts';
import { discardBody } from './read-body.ts';
import type { RequestContext, Route } from './route.ts';

interface RouterDeps {
  findKey: FindKey;
  /** Hears of every unexpected fault, with the request id that the client was given. */
  reportFault: ReportFault;
  /** What this isolate takes on at once; its usual limits unless given. */
  admission?: Admission;
}

type Lifetime = Pick<ExecutionContext, 'waitUntil'>;
export type Handler = (request: Request, env: Env, lifetime: Lifetime) => Promise<Response>;
type Router = ReturnType<typeof buildRouter>;

/** `/health` and all of `routes`, in their order: put the busiest first. */
export function createRouter(routes: Route[], deps: RouterDeps): Handler {
  const { admission = new Admission() } = deps;
  const router = buildRouter([...routes, healthRoute], { ...deps, admission });
  return async (request, env, lifetime) => {
    const url = new URL(request.url);
    // Asked for once: each time it is made anew.
    const { pathname } = url;
    let response: Response;
    try {
      response = await respond(router, admission, request, { url, pathname }, env, lifetime);
    } catch (error) {
      const route = (request as { route?: string }).route ?? 'none';
      response = errorResponse(error, { method: request.method, route }, deps.reportFault);
    }
    await discardBody(request);
    if (isCrossOrigin(pathname)) allowOrigin(request, response);
    return response;
  };
}

function buildRouter(routes: Route[], deps: Required<RouterDeps>) {
  const patterns = IttyRouter<IRequest, [RequestContext], Response>();
  // Paths without a parameter, where events come in, need no matching one by one.
  const exact = new Map<string, Serve>();
  for (const route of routes) {
    const serve = serveRoute(route, deps);
    if (!route.path.includes(':')) exact.set(`${route.method} ${route.path}`, serve);
    patterns[route.method.toLowerCase() as 'get'](route.path, (request, context) => {
      context.params = decodeParams(request.params);
      return serve(request, context);
    });
  }
  return { exact, patterns };
}

type Serve = (request: Request, context: RequestContext) => Promise<Response>;

function serveRoute(route: Route, deps: Required<RouterDeps>): Serve {
  const { admission } = deps;
  // People who look at what is going on, and health checks, are answered whatever the load.
  const isLoad = route.auth !== 'none' && route.auth !== 'admin';
  // The others read a body that a stranger may send as slowly as they like.
  const isAdmittedHere =
    isLoad && (route.method === 'GET' || route.method === 'DELETE' || route.auth === 'server');
  return async (request, context) => {
    // Known to the one who reports a fault.
    (request as { route?: string }).route = route.path;
    // Before anything is read or looked up: a refusal must cost next to nothing.
    if (isLoad && admission.isFull) throw overloaded(admission.retryAfterSeconds());
    if (route.auth !== 'none' && route.auth !== 'body') {
      context.key = await authorizeRoute(deps.findKey, context.env, request, context.url, route.auth);
    }
    if (isAdmittedHere) context.admit(0);
    return route.handle(request, context);
  };
}

async function respond(
  router: Router,
  admission: Admission,
  request: Request,
  { url, pathname }: { url: URL; pathname: string },
  env: Env,
  lifetime: Lifetime,
): Promise<Response> {
  const { method } = request;
  if (method === 'OPTIONS' && isCrossOrigin(pathname)) return preflight(request);
  const missing = missingBindings(env);
  if (missing.length > 0) {
    throw new ApiError(500, 'misconfigured', `The deployment lacks ${missing.join(', ')}.`);
  }
  let placeBytes: number | null = null;
  const context: RequestContext = {
    env,
    admit(bodyBytes) {
      if (!admission.enter(bodyBytes)) throw overloaded(admission.retryAfterSeconds());
      placeBytes = bodyBytes;
    },
    waitUntil: (work) => lifetime.waitUntil(work),
    now: Date.now(),
    url,
    params: {},
    key: null,
  };
  try {
    const serve = router.exact.get(`${method} ${pathname}`);
    if (serve) return await serve(request, context);
    return (await router.patterns.fetch(request, context)) ?? refuse(router, request, pathname);
  } finally {
    if (placeBytes !== null) admission.leave(placeBytes);
  }
}

function refuse(router: Router, request: Request, pathname: string): Response {
  const allowed = router.patterns.routes
    .filter(([, pattern]) => pattern.test(pathname))
    .map(([method]) => method);
  if (allowed.length === 0) throw new ApiError(404, 'not_found', 'There is nothing at this path.');
  const methods = [...new Set(allowed)].join(', ');
  const message = `${request.method} is not possible here; use ${methods}.`;
  const error = new ApiError(405, 'method_not_allowed', message);
  const response = errorResponse(error, { method: request.method, route: 'none' }, () => {});
  response.headers.set('allow', methods);
  return response;
}

function decodeParams(params: Record<string, string>): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    try {
      decoded[name] = value.includes('%') ? decodeURIComponent(value) : value;
    } catch {
      throw invalidRequest('The path is not valid percent-encoded UTF-8.', [
        { path: name, message: 'as above' },
      ]);
    }
  }
  return decoded;
}
