import { AnalyticsBrowser } from '@segment/analytics-next';
import { host, mode } from './shop-page.ts';

const batches = { strategy: 'batching' as const, config: { size: 3, timeout: 60_000 } };

// Where events go stands in the settings that it fetches from `cdnURL`.
const analytics = AnalyticsBrowser.load(
  { writeKey: 'wk_dev', cdnURL: host },
  mode === 'batches' ? { integrations: { 'Segment.io': { deliveryStrategy: batches } } } : {},
);

window.shop = {
  anonymousId: async () => (await analytics.user()).anonymousId() ?? '',
  page: (name) => void analytics.page(name),
  track: (event, properties) => void analytics.track(event, properties),
  identify: (userId, traits) => void analytics.identify(userId, traits),
};
