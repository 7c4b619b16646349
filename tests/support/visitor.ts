/** One person at the shop, whose app sends events and shows what their answers carry. */
import { expect } from 'vitest';
import type { Api } from './api.ts';

export interface Message {
  id: string;
  trigger: string;
  channel: string;
  surface: string;
  expiresAt: string;
  content: {
    title: string;
    body: string;
    buttons: { id: string; text: string; action: { type: string; url?: string } }[];
  };
}

/** A delivery as the admin API lists it. */
export interface Delivery {
  id: string;
  trigger: string;
  channel: string;
  status: string;
  reason: string;
  attempts: number;
  content: { title: string; body: string; link: string } | null;
}

type Ids = { anonymousId: string } | { userId: string };
type Properties = Record<string, unknown>;

export interface Visitor {
  ids: Ids;
  page(name: string, more?: Properties): Promise<Message[]>;
  track(event: string, properties?: Properties, more?: Properties): Promise<Message[]>;
  /** What `messages/next` hands out. */
  next(surface?: string): Promise<Message[]>;
  /** Says that a message has been shown, which it only then counts as. */
  sees(message: Message | undefined): Promise<void>;
  /** Why a trigger answered the newest event of that name as it did. */
  reason(trigger: string, event: string): Promise<{ reason: string; path?: string } | undefined>;
  deliveries(): Promise<Delivery[]>;
  agreesToPush(): Promise<void>;
}

let visitors = 0;

/** Nobody the server has ever seen. */
export function stranger(api: Api): Visitor {
  return visitorOf(api, { anonymousId: `visitor-${process.pid}-${++visitors}` });
}

export function user(api: Api): Visitor {
  return visitorOf(api, { userId: `user-${process.pid}-${++visitors}` });
}

export function visitorOf(api: Api, ids: Ids): Visitor {
  const pathId = encodeURIComponent('userId' in ids ? ids.userId : `anon:${ids.anonymousId}`);
  const send = async (type: string, body: Properties): Promise<Message[]> => {
    const answer = await api.client('POST', `/v1/${type}?sync=1`, { ...ids, ...body });
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    return answer.body.messages;
  };
  return {
    ids,
    page: (name, more) => send('page', { name, ...more }),
    track: (event, properties = {}, more) => send('track', { event, properties, ...more }),
    async next(surface) {
      const query = new URLSearchParams({ ...ids, ...(surface ? { surface } : {}) });
      const answer = await api.client('GET', `/v1/messages/next?${query}`);
      expect(answer.status).toBe(200);
      return answer.body.messages;
    },
    async sees(message) {
      expect(message).toBeDefined();
      await send('track', { event: 'Message Viewed', properties: { message_id: message?.id } });
    },
    async reason(trigger, event) {
      const { body } = await api.admin('GET', `profiles/${pathId}/decisions`);
      const decided = body.items.find((item: { event: { name: string } }) => item.event.name === event);
      return decided?.triggers.find(({ id }: { id: string }) => id === trigger);
    },
    async deliveries() {
      const { body } = await api.admin('GET', `deliveries?userId=${pathId}`);
      return body.items;
    },
    async agreesToPush() {
      const consent = { channel: 'push', granted: true };
      const answer = await api.server('PUT', `/v1/profiles/${pathId}/consents`, [
        { ...consent, purpose: 'marketing' },
        // The test may run at night.
        { ...consent, purpose: 'marketing_night' },
      ]);
      expect(answer.status).toBe(200);
    },
  };
}

/** The link behind a message's first button. */
export function linkOf(message: Message | undefined): string | undefined {
  return message?.content.buttons[0]?.action.url;
}
