/** The composition root: the only place that knows every slice. */
import { env as bindings } from 'cloudflare:workers';
import { adminRoutes } from './admin/admin-routes.ts';
import { openApiRoute } from './admin/openapi-route.ts';
import { previewRoutes } from './admin/preview-routes.ts';
import { sessionRoutes } from './admin/session-routes.ts';
import type { Env } from './bindings.ts';
import { callbackRoutes } from './callbacks/callback-routes.ts';
import { channelHealth } from './dispatch/channel-health.ts';
import { consumeDeadLetters } from './dispatch/dead-letter-consumer.ts';
import { deadLetterRoutes, replaySchema } from './dispatch/dead-letter-routes.ts';
import { deliveryRoutes } from './dispatch/delivery-routes.ts';
import { consumeDispatch } from './dispatch/dispatch-consumer.ts';
import { consumeExport, exportDeps } from './dispatch/export-consumer.ts';
import { streamExport } from './dispatch/export-stream.ts';
import { consumeFacts } from './dispatch/facts-consumer.ts';
import { messageIsValid } from './engine/send/message-id.ts';
import { consumeFanout } from './fanout/fanout-consumer.ts';
import { tellAll } from './fanout/tell-profiles.ts';
import { Admission, admissionLimits } from './http/admission.ts';
import { logFault } from './http/log-fault.ts';
import { createRouter } from './http/router.ts';
import { clientSettingsRoutes } from './ingest/client-settings-routes.ts';
import { consentRoutes } from './ingest/consent-routes.ts';
import { deviceRoutes } from './ingest/device-routes.ts';
import { ItemFiller } from './ingest/fill-items.ts';
import { importRoutes } from './ingest/import-routes.ts';
import { ingestRoutes } from './ingest/ingest-routes.ts';
import { itemRoutes } from './ingest/item-routes.ts';
import { liveRoute } from './ingest/live-route.ts';
import { messageRoutes } from './ingest/message-routes.ts';
import { normalize } from './ingest/normalize.ts';
import { preferenceRoutes } from './ingest/preference-routes.ts';
import { profileDataRoutes } from './ingest/profile-data-routes.ts';
import { profileRoutes } from './ingest/profile-routes.ts';
import { unsubscribeRoutes } from './ingest/unsubscribe/routes.ts';
import type {
  DispatchMessage,
  ExportMessage,
  FactsMessage,
  FanoutMessage,
} from './protocol/queue-messages.ts';
import { catalogStub, profileStub, schedulerStub, watcherStub } from './protocol/stubs.ts';
import { simulationSchema } from './simulate/life-schema.ts';
import { configInForce, loadConfig } from './store/config-cache.ts';
import { readImport, takeImportStep } from './store/item-imports.ts';
import { findKey, findSession, printOf } from './store/keys.ts';
import { profileRecords } from './store/profile-records.ts';

export { CatalogObject } from './catalog/catalog-object.ts';
export { WatcherObject } from './catalog/watcher-object.ts';
export { LimiterObject } from './limiter/limiter-object.ts';
export { ProfileObject } from './profiles/profile-object.ts';
export { RegistryObject } from './registry/registry-object.ts';
export { SchedulerObject } from './scheduler/scheduler-object.ts';

const deps = {
  findKey,
  loadConfig,
  messageIsValid,
  profile: profileStub,
  live: (env: Env, key: string, request: Request) => env.PROFILE.getByName(key).fetch(request),
  catalog: catalogStub,
  defaultCurrency: async (env: Env) => (await loadConfig(env)).policies.workspace.currency,
};

const routes = [
  ...ingestRoutes({ ...deps, items: new ItemFiller({ configInForce, catalog: catalogStub }) }),
  ...messageRoutes(deps),
  liveRoute(deps),
  ...clientSettingsRoutes(deps),
  ...preferenceRoutes(deps),
  ...deviceRoutes(deps),
  ...consentRoutes(deps),
  ...profileRoutes(deps),
  ...profileDataRoutes({
    profileData: profileStub,
    profileRecords: (env, keys) => profileRecords(env.DB, keys),
  }),
  ...itemRoutes(deps),
  ...unsubscribeRoutes(deps),
  ...importRoutes({
    ...deps,
    readImport: (env, id) => readImport(env.DB, id),
    takeImportStep: (env, step, now) => takeImportStep(env.DB, step, now),
  }),
  ...callbackRoutes({
    tell: (env, tellings) =>
      tellAll(tellings, { profile: (key) => profileStub(env, key), pause: () => scheduler.wait(0) }),
    stream: (env, deliveries) => streamExport(env, () => ({ deliveries })),
    sleep,
    fetch: (url, init) => fetch(url, init),
  }),
  ...adminRoutes({ channelHealth }),
  ...previewRoutes({
    canonicalEvent: (type, body, now) => {
      const envelope = { receivedAt: now, origin: 'client' as const, imported: false };
      return normalize(type, body, envelope, () => `preview:${now}`).event;
    },
  }),
  ...sessionRoutes({ findKey, findSession, printOf }),
  ...deliveryRoutes(),
  ...deadLetterRoutes(),
];

const handle = createRouter(
  [
    ...routes,
    openApiRoute(routes, {
      'POST /admin/api/simulate': simulationSchema,
      'POST /admin/api/dead-letters/:id/replay': replaySchema,
    }),
  ],
  {
    findKey,
    findSession,
    reportFault: logFault,
    admission: new Admission(admissionLimits((bindings as Env).MAX_REQUESTS_UNDER_WAY)),
  },
);

export default {
  fetch: (request, env, ctx) => handle(request, env, ctx),

  async queue(batch, env, ctx) {
    switch (batch.queue) {
      case 'reflex-dispatch':
        return consumeDispatch(batch as MessageBatch<DispatchMessage>, env, undefined, (work) =>
          ctx.waitUntil(work),
        );
      case 'reflex-facts':
        return consumeFacts(batch as MessageBatch<FactsMessage>, env);
      case 'reflex-export':
        return consumeExport(batch as MessageBatch<ExportMessage>, exportDeps(env));
      case 'reflex-fanout':
        return consumeFanout(batch as MessageBatch<FanoutMessage>, {
          profile: (key) => profileStub(env, key),
          watchers: (shard) => watcherStub(env, shard),
          scheduler: () => schedulerStub(env),
          pause: () => scheduler.wait(0),
          now: () => Date.now(),
        });
      default:
        return consumeDeadLetters(batch, env);
    }
  },
} satisfies ExportedHandler<Env>;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
