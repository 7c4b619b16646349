/** The clients that backends use, as npm has them: nothing of them is changed or replaced, and only their host is set. */
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { clientStories, type OpenClient } from '../support/client-stories.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer({ demo: true });
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

let visitors = 0;

async function openSegment(): Promise<OpenClient> {
  const errors: unknown[] = [];
  const analytics = new Analytics({ writeKey: 'wk_dev', host: server.url, flushInterval: 20 });
  analytics.on('error', (error) => errors.push(error));
  const anonymousId = `segment-node-${++visitors}`;
  let ids: { anonymousId: string; userId?: string } = { anonymousId };
  return {
    anonymousId,
    page: (name) => analytics.page({ ...ids, name }),
    track: (event, properties) => analytics.track({ ...ids, event, properties }),
    identify(userId, traits) {
      ids = { anonymousId, userId };
      analytics.identify({ anonymousId, userId, traits });
    },
    async close() {
      await analytics.closeAndFlush();
      expect(errors).toEqual([]);
    },
  };
}

async function openRudder(): Promise<OpenClient> {
  const analytics = new RudderAnalytics('wk_dev', { dataPlaneUrl: server.url, flushInterval: 20 });
  const anonymousId = `rudder-node-${++visitors}`;
  let ids: { anonymousId: string; userId?: string } = { anonymousId };
  return {
    anonymousId,
    page: (name) => void analytics.page({ ...ids, name }),
    track: (event, properties) => void analytics.track({ ...ids, event, properties: properties as never }),
    identify(userId, traits) {
      ids = { anonymousId, userId };
      analytics.identify({ anonymousId, userId, traits: traits as never });
    },
    close: () => analytics.flush(),
  };
}

describe('@segment/analytics-node', () => clientStories(() => api, openSegment));
describe('@rudderstack/rudder-sdk-node', () => clientStories(() => api, openRudder));

describe('a client that sends much', () => {
  it('has everything counted once', async () => {
    const analytics = new Analytics({ writeKey: 'wk_dev', host: server.url, maxEventsInBatch: 15 });
    const userId = 'busy-user';
    for (let number = 1; number <= 60; number++) {
      analytics.track({ userId, event: 'Step', properties: { number } });
    }
    await analytics.closeAndFlush();
    const { body } = await api.admin('GET', `profiles/${userId}`);
    const numbers = body.timeline.map(
      ({ properties }: { properties: { number: number } }) => properties.number,
    );
    expect(numbers.toSorted((a: number, b: number) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });
});
