/**
 * Web push, for the page's own service worker:
 *
 *   importScripts('https://reflex.example.com/reflex-sw.js');
 *
 * shows what Reflex pushes, opens its link when it is clicked, and reports what became of it, as the visitor for whom
 * `enablePush` was called. Pushes and notifications that are not Reflex's are left to the page's own handlers.
 *
 *   pushed → shown: `Message Viewed` → clicked: `Message Clicked`, its link is opened
 *                                    → closed: `Message Dismissed`
 */
import { eventOf } from './event-of.ts';
import { readReporter } from './push-reporter.ts';

/** What the body of a push says, as JSON. */
interface Payload {
  title?: string;
  body?: string;
  image?: string;
  data: Data;
}

interface Data {
  message_id: string;
  trigger?: string;
  link?: string;
}

/** Of a service worker's types only what is used: its library and that of pages exclude each other. */
interface Extended extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Pushed extends Extended {
  data: { json(): unknown } | null;
}
interface Notified extends Extended {
  notification: Notification;
}
interface Window {
  url: string;
  focus(): Promise<unknown>;
}
interface Worker {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(which: { type: 'window'; includeUncontrolled: true }): Promise<Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'push', listener: (event: Pushed) => void): void;
  addEventListener(
    type: 'notificationclick' | 'notificationclose',
    listener: (event: Notified) => void,
  ): void;
}

const worker = globalThis as unknown as Worker;

worker.addEventListener('push', (event) => {
  const payload = payloadOf(event);
  if (payload) event.waitUntil(show(payload));
});

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  if (!isOurs(notification.data)) return;
  notification.close();
  // Both at once: the browser lets a window be opened only right after the click.
  event.waitUntil(Promise.all([open(notification.data.link), report('Clicked', notification.data)]));
});

worker.addEventListener('notificationclose', (event) => {
  const { data } = event.notification;
  if (isOurs(data)) event.waitUntil(report('Dismissed', data));
});

function payloadOf({ data }: Pushed): Payload | null {
  try {
    const payload = data?.json() as Partial<Payload> | undefined;
    return isOurs(payload?.data) ? (payload as Payload) : null;
  } catch {
    return null;
  }
}

function isOurs(data: unknown): data is Data {
  return typeof (data as Partial<Data> | null | undefined)?.message_id === 'string';
}

async function show({ title = '', body, image, data }: Payload): Promise<void> {
  // A message that is pushed twice replaces itself.
  const options = { tag: data.message_id, data, ...(body && { body }), ...(image && { image }) };
  await worker.registration.showNotification(title, options);
  await report('Viewed', data);
}

/** One try: a click without network opens nothing anyway, and a push has just come over it. */
async function report(what: string, { message_id }: Data): Promise<void> {
  const reporter = await readReporter();
  if (!reporter) return;
  const { endpoint, writeKey } = reporter;
  const event = eventOf({ type: 'track', event: `Message ${what}`, properties: { message_id } }, reporter);
  const body = JSON.stringify({ ...event, sentAt: new Date().toISOString() });
  await fetch(`${endpoint.replace(/\/+$/, '')}/v1/track?${new URLSearchParams({ writeKey })}`, {
    method: 'POST',
    body,
  }).catch(() => {});
}

/** A window that is there already is brought to the front; an address that could run code is none. */
async function open(link: string | undefined): Promise<void> {
  const { scope } = worker.registration;
  const target = URL.parse(link ?? scope, scope);
  if (!target || !/^https?:$/.test(target.protocol)) return;
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find(({ url }) => url === target.href);
  await (there ? there.focus() : worker.clients.openWindow(target.href));
}
