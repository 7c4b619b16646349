// The build with its plugins in it: the default one fetches them from RudderStack's own servers.
import { type ApiObject, type IdentifyTraits, RudderAnalytics } from '@rudderstack/analytics-js/bundled';
import { host, mode } from './shop-page.ts';

const analytics = new RudderAnalytics();
analytics.load('wk_dev', host, {
  configUrl: host,
  ...(mode === 'batches' && {
    queueOptions: { batch: { enabled: true, maxItems: 3, flushInterval: 60_000 } },
  }),
  ...(mode === 'beacons' && {
    useBeacon: true,
    beaconQueueOptions: { maxItems: 3, flushQueueInterval: 60_000 },
  }),
});

window.shop = {
  // Known once the client has started.
  anonymousId: () =>
    new Promise((resolve) => analytics.ready(() => resolve(analytics.getAnonymousId() ?? ''))),
  page: (name) => analytics.page(name),
  track: (event, properties) => analytics.track(event, properties as ApiObject),
  identify: (userId, traits) => analytics.identify(userId, traits as IdentifyTraits),
};
