/**
 * The client: events go out, and what the answer says is due comes in. Nothing here throws into the page or rejects:
 * without network, storage or any of the newer browser parts it does what can still be done.
 */
import { type Answer, Caller } from './call.ts';
import { type Call, eventOf } from './event-of.ts';
import { EventQueue, type QueuedEvent } from './event-queue.ts';
import { Identity } from './identity.ts';
import { Inbox } from './inbox.ts';
import { dueOf, Live } from './live.ts';
import { enablePush } from './push.ts';
import { openStore } from './store.ts';
import type { Client, ClientOptions, Messages } from './types.ts';

export function createClient(options: ClientOptions): Client {
  const name = `reflex.${options.writeKey}.`;
  const store = openStore(name);
  const inbox = new Inbox(store);
  const identity = new Identity(store, () => {
    inbox.clear();
    live.restart();
  });
  const caller = new Caller(options, identity);
  const live = new Live({ caller, identity, inbox, name });
  const queue = new EventQueue({
    store,
    send: (batch) => caller.call('POST', '/v1/batch', { sync: '1' }, body(batch)),
    beacon: (batch) => {
      const blob = new Blob([JSON.stringify(body(batch))], { type: 'text/plain' });
      navigator.sendBeacon?.(caller.url('/beacon/v1/batch'), blob);
    },
    answered: (answer, last) => receive(answer, last),
  });

  function send(call: Call): void {
    queue.add(eventOf(call, identity));
  }

  function receive(answer: Answer, last: QueuedEvent): void {
    const due = dueOf(answer);
    // What is due for a visitor who has signed in meanwhile is no longer this one's.
    if (due && last.anonymousId === identity.anonymousId && (last.userId ?? null) === identity.userId) {
      inbox.receive(due);
    }
  }

  const acknowledge = (what: string, id: string, more?: { [name: string]: string }) => {
    send({ type: 'track', event: `Message ${what}`, properties: { message_id: id, ...more } });
  };
  const messages: Messages = {
    next: async (surface) => {
      const due = await live.poll(surface);
      const known = new Set(inbox.messages.map(({ id }) => id));
      return (
        due?.messages.find(
          (one) => one.channel === 'in_app' && (surface !== undefined || known.has(one.id)),
        ) ?? null
      );
    },
    subscribe: (listener) => {
      const stop = inbox.subscribe(listener);
      live.start();
      return () => {
        stop();
        if (!inbox.hasListeners) live.stop();
      };
    },
    isValid: async (id) => {
      const { body: answer } = await caller.call('GET', `/v1/messages/${encodeURIComponent(id)}/valid`);
      return answer?.valid === true;
    },
    claim: (id, pauseMs) => inbox.claim(id, pauseMs),
    get lastOnScreenAt() {
      return inbox.lastOnScreenAt;
    },
    onScreen: () => inbox.onScreen(),
    shown: (id) => {
      inbox.mark(id, 'shown');
      acknowledge('Viewed', id);
    },
    clicked: (id, buttonId) => {
      // A card stays until it is dismissed.
      inbox.mark(id, 'shown');
      acknowledge('Clicked', id, buttonId === undefined ? {} : { button_id: buttonId });
    },
    dismissed: (id) => {
      inbox.mark(id, 'closed');
      acknowledge('Dismissed', id);
    },
    failed: (id, reason) => {
      inbox.mark(id, 'closed');
      acknowledge('Failed', id, { reason });
    },
  };

  globalThis.document?.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') queue.hide();
  });
  globalThis.addEventListener?.('pagehide', () => queue.hide());
  globalThis.addEventListener?.('online', () => void queue.flush());

  const client: Client = {
    track: (event, properties) => send({ type: 'track', event, ...(properties && { properties }) }),
    identify: (userId, traits) => {
      identity.know(userId);
      send({ type: 'identify', ...(traits && { traits }) });
    },
    page: (pageName, properties) =>
      send({
        type: 'page',
        ...(pageName !== undefined && { name: pageName }),
        ...(properties && { properties }),
      }),
    reset: () => identity.reset(),
    flush: () => queue.flush(),
    get anonymousId() {
      return identity.anonymousId;
    },
    get userId() {
      return identity.userId;
    },
    messages,
    mount: async (mountOptions) => (await import('./render/mount.ts')).mount(client, mountOptions),
    enablePush: (pushOptions) => enablePush(pushOptions, options, caller, identity),
  };
  return client;
}

const body = (batch: QueuedEvent[]) => ({ batch, sentAt: new Date().toISOString() });
