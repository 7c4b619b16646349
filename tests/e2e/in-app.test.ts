import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { type Message, stranger, user, type Visitor } from '../support/visitor.ts';

/** What a change of the configuration may take until it is in force. */
const IN_FORCE = { timeout: 10_000, interval: 100 };

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = apiOf(server);
  await put('templates/hello', {
    defaultLocale: 'en',
    locales: {
      en: {
        in_app: {
          layout: 'modal',
          title: 'Hello {{user.traits.name}}',
          body: 'You saw {{event.properties.what}}.',
          image: { url: 'https://cdn.example.com/a.png', alt: 'A ring' },
          buttons: [{ id: 'go', text: 'Go', action: { type: 'open', url: '/go' } }],
        },
      },
      ko: { in_app: { layout: 'banner', title: '안녕하세요', body: '{{event.properties.what}}' } },
    },
    defaults: { 'user.traits.name': 'friend' },
  });
  await putTrigger('popup', 'Thing Seen', { channels: ['in_app'], template: 'hello' });
  await putTrigger('aside', 'Aside Seen', { channels: ['in_app'], template: 'hello', surface: 'side' });
  await putTrigger('card', 'Card Earned', { channels: ['card'], template: 'hello' });
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function put(path: string, body: unknown, method = 'PUT'): Promise<void> {
  const { status, text } = await api.admin(method, path, body);
  expect(status, text).toBeLessThan(300);
}

async function putTrigger(id: string, event: string, send: object): Promise<void> {
  const trigger = {
    id,
    category: 'marketing',
    entry: { on: [{ event }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'show', send }],
  };
  await put('triggers', trigger, 'POST');
  await put(`triggers/${id}/activate`, undefined, 'POST');
}

async function shown(visitor: Visitor): Promise<Message> {
  const [message] = await visitor.track('Thing Seen', { what: 'a ring' });
  expect(message).toBeDefined();
  return message as Message;
}

function acknowledge(visitor: Visitor, event: string, message: Message): Promise<Message[]> {
  return visitor.track(event, { message_id: message.id });
}

async function isValid(id: string): Promise<boolean> {
  const { status, body } = await api.client('GET', `/v1/messages/${id}/valid`);
  expect(status).toBe(200);
  return body.valid;
}

it('stands in the answer to the event that fires it, as the contract shapes it', async () => {
  const { ids } = stranger(api);
  const { body } = await api.client('POST', '/v1/track?sync=1', {
    ...ids,
    event: 'Thing Seen',
    properties: { what: 'a ring' },
    context: { locale: 'en-GB' },
  });
  expect(body).toEqual({
    success: true,
    cursor: expect.any(String),
    next: expect.any(Number),
    messages: [
      {
        id: expect.stringMatching(/^msg_/),
        trigger: 'popup',
        version: 1,
        variant: null,
        channel: 'in_app',
        surface: 'default',
        layout: 'modal',
        priority: 50,
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
        content: {
          locale: 'en',
          title: 'Hello friend',
          body: 'You saw a ring.',
          image: { url: 'https://cdn.example.com/a.png', alt: 'A ring' },
          buttons: [{ id: 'go', text: 'Go', action: { type: 'open', url: '/go' } }],
          html: null,
        },
      },
    ],
  });
  const [{ createdAt, expiresAt }] = body.messages;
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(30 * 60_000);
});

it('without ?sync=1 the answer is the bare protocol’s, and the message waits in next', async () => {
  const visitor = stranger(api);
  const body = { ...visitor.ids, event: 'Thing Seen', properties: { what: 'a ring' } };
  const answer = await api.client('POST', '/v1/track', body);
  expect(answer.text).toBe('{"success":true}');
  expect(await visitor.next()).toMatchObject([{ trigger: 'popup' }]);
});

it('a batch is answered with what is due for the profile of its last event', async () => {
  const [first, last] = [stranger(api), stranger(api)];
  const event = { type: 'track', event: 'Thing Seen', properties: { what: 'a ring' } };
  const { body } = await api.client('POST', '/v1/batch?sync=1', {
    batch: [
      { ...event, ...first.ids },
      { ...event, ...last.ids },
    ],
  });
  expect(body.messages).toHaveLength(1);
  expect(body.messages).toEqual(await last.next());
  expect(await first.next()).toHaveLength(1);
});

it.each([
  { locale: 'en-GB', speaks: 'en', title: 'Hello friend', buttons: 1 },
  { locale: 'ko-KR', speaks: 'ko', title: '안녕하세요', buttons: 0 },
  // Neither the user's nor the workspace's: the template's own.
  { locale: 'fr', speaks: 'en', title: 'Hello friend', buttons: 1 },
])('speaks $speaks to a user of $locale, and mixes nothing', async ({ locale, speaks, title, buttons }) => {
  const visitor = user(api);
  const [message] = await visitor.track('Thing Seen', { what: 'a ring' }, { context: { locale } });
  expect(message?.content).toMatchObject({ locale: speaks, title });
  expect(message?.content.buttons).toHaveLength(buttons);
});

describe('until it is acknowledged', () => {
  it('it comes back, the same each time', async () => {
    const visitor = stranger(api);
    const message = await shown(visitor);
    expect(await visitor.next()).toEqual([message]);
    expect(await visitor.next()).toEqual([message]);
    expect(await visitor.track('Something Else')).toEqual([message]);
  });

  it('the same event a hundred times at once is decided once, and always answered with its message', async () => {
    const visitor = stranger(api);
    const body = { ...visitor.ids, event: 'Thing Seen', properties: { what: 'a ring' }, messageId: 'once-1' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.client('POST', '/v1/track?sync=1', body)),
    );
    const ids = new Set(answers.flatMap((answer) => answer.body.messages.map(({ id }: Message) => id)));
    expect(ids.size).toBe(1);
    expect(answers.every((answer) => answer.body.messages.length === 1)).toBe(true);
    const { body: profile } = await api.admin('GET', `profiles/anon:${Object.values(visitor.ids)[0]}`);
    expect(profile.timeline).toHaveLength(1);
  });

  it.each(['Message Viewed', 'Message Clicked', 'Message Dismissed'])('%s ends it', async (event) => {
    const visitor = stranger(api);
    const message = await shown(visitor);
    expect(await acknowledge(visitor, event, message)).toEqual([]);
    expect(await visitor.next()).toEqual([]);
  });

  it('nobody else’s acknowledgement ends it', async () => {
    const visitor = stranger(api);
    const message = await shown(visitor);
    expect(await acknowledge(stranger(api), 'Message Dismissed', message)).toEqual([]);
    expect(await visitor.next()).toEqual([message]);
  });
});

it('what was done with it stands in the deliveries', async () => {
  const visitor = stranger(api);
  const message = await shown(visitor);
  const statusIs = (status: string) =>
    vi.waitFor(async () => {
      expect(await visitor.deliveries()).toMatchObject([{ id: message.id, status, channel: 'in_app' }]);
    }, IN_FORCE);
  await acknowledge(visitor, 'Message Viewed', message);
  await statusIs('shown');
  await acknowledge(visitor, 'Message Clicked', message);
  await statusIs('clicked');
});

it('each surface has a message of its own, and a query can ask for one', async () => {
  const visitor = stranger(api);
  await shown(visitor);
  await visitor.track('Aside Seen', { what: 'a ring' });
  expect(await visitor.next('side')).toMatchObject([{ trigger: 'aside', surface: 'side' }]);
  expect(await visitor.next('default')).toMatchObject([{ trigger: 'popup', surface: 'default' }]);
  expect(await visitor.next('elsewhere')).toEqual([]);
});

it('asking for messages writes nothing: nobody is made by it', async () => {
  const visitor = stranger(api);
  expect(await visitor.next()).toEqual([]);
  const { status } = await api.admin('GET', `profiles/anon:${Object.values(visitor.ids)[0]}`);
  expect(status).toBe(404);
});

describe('a card', () => {
  it('stays when it was seen, and goes when it is dismissed', async () => {
    const visitor = stranger(api);
    const [card] = (await visitor.track('Card Earned', { what: 'a coupon' })) as [Message];
    expect(card).toMatchObject({ channel: 'card' });
    await acknowledge(visitor, 'Message Viewed', card);
    await acknowledge(visitor, 'Message Clicked', card);
    expect(await visitor.next()).toEqual([card]);
    await acknowledge(visitor, 'Message Dismissed', card);
    expect(await visitor.next()).toEqual([]);
  });

  it('has others beside it: all are handed out, newest first', async () => {
    const visitor = stranger(api);
    for (const what of ['the first', 'the second', 'the third']) await visitor.track('Card Earned', { what });
    const { body } = await api.client(
      'GET',
      `/v1/messages/next?${new URLSearchParams(visitor.ids)}&limit=50`,
    );
    const bodies = body.messages.map(({ content }: Message) => content.body);
    expect(bodies).toEqual(['the third', 'the second', 'the first']);
  });
});

describe('a message that was handed out', () => {
  it('is no longer valid once its trigger is paused, and is not handed out again', async () => {
    const visitor = stranger(api);
    const message = await shown(visitor);
    expect(await isValid(message.id)).toBe(true);
    await put('triggers/popup/pause', undefined, 'POST');
    await vi.waitFor(async () => expect(await isValid(message.id)).toBe(false), IN_FORCE);
    await vi.waitFor(async () => expect(await visitor.next()).toEqual([]), IN_FORCE);
    expect(await visitor.track('Thing Seen', { what: 'a ring' })).toEqual([]);
    await put('triggers/popup/activate', undefined, 'POST');
    await vi.waitFor(async () => expect(await isValid(message.id)).toBe(true), IN_FORCE);
  });

  it('is not valid while everything is stopped, and is again when it goes on', async () => {
    const visitor = stranger(api);
    const [message] = (await visitor.track('Aside Seen', { what: 'a ring' })) as [Message];
    expect(await isValid(message.id)).toBe(true);
    await put('stop-all', { stopped: true }, 'POST');
    await vi.waitFor(async () => expect(await isValid(message.id)).toBe(false), IN_FORCE);
    expect(await visitor.track('Card Earned', { what: 'nothing' })).toEqual([]);
    await put('stop-all', { stopped: false }, 'POST');
    await vi.waitFor(async () => expect(await isValid(message.id)).toBe(true), IN_FORCE);
  });

  it('is not valid where nobody ever sent it', async () => {
    expect(await isValid('msg_nobody-sent-this')).toBe(false);
  });
});
