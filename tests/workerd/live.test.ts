/** Open pages of a profile hear at once what its events, timers and exits make due, and of nothing else. */
import { SELF } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { admin } from '../support/admin-client.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  publish,
  ring,
  send,
  sleep,
  startClock,
  user,
  visitor,
} from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  await admin('PUT', 'policies/workspace', {
    id: 'workspace',
    tz: 'Asia/Seoul',
    locale: 'ko',
    currency: 'KRW',
    identity: 'off',
  });
  await publish({ id: 'hello', entry: { on: [{ event: 'Hello' }] }, exit: [{ on: { event: 'Bye' } }] });
  await publish({
    id: 'later',
    entry: { on: [{ event: 'Later' }] },
    steps: [
      { id: 'wait', wait: '1m' },
      { id: 'send', send: { channels: ['in_app'], template: 'later', surface: 'later' } },
    ],
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

type Frame = { type: string; ids?: string[]; messages?: { id: string; trigger: string }[]; cursor?: string };

/** An open page; what it was opened with has been heard. */
async function open(query: string) {
  const socket = await connect(query);
  const frames: Frame[] = [];
  const pongs: string[] = [];
  const codes: number[] = [];
  socket.addEventListener('message', ({ data }) => {
    if (data === 'pong') pongs.push(data);
    else frames.push(JSON.parse(String(data)));
  });
  socket.addEventListener('close', ({ code }) => {
    codes.push(code);
  });
  socket.accept();
  await vi.waitFor(() => expect(frames).toHaveLength(2));
  const opened = frames.splice(0);
  return { opened, frames, socket, pongs, codes };
}

async function connect(query: string): Promise<WebSocket> {
  const response = await SELF.fetch(`http://reflex/v1/messages/live?writeKey=wk_dev&${query}`, {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'reflex' },
  });
  expect(response.status).toBe(101);
  if (!response.webSocket) throw new Error('no socket');
  return response.webSocket;
}

const told = (frames: Frame[]) =>
  frames.map(
    ({ type, ids, messages }) => `${type}: ${(ids ?? messages?.map(({ trigger }) => trigger) ?? []).join()}`,
  );

it('opens with all that is due', async () => {
  const ref = await user('opens');
  await send(ref, [anEvent('Hello')]);
  const { opened } = await open('userId=opens');
  expect(opened).toMatchObject([
    { type: 'hello', cursor: '1' },
    {
      type: 'messages',
      cursor: '1',
      messages: [{ trigger: 'hello', channel: 'in_app', content: { title: 'from hello' } }],
    },
  ]);
});

describe('an open page', () => {
  it('hears of an event’s message, and of its exit', async () => {
    const ref = await user('hears');
    const { frames } = await open('userId=hears');
    await send(ref, [anEvent('Hello')]);
    await vi.waitFor(() => expect(told(frames)).toEqual(['messages: hello']));
    const [id] = frames[0]?.messages?.map((message) => message.id) ?? [];
    await send(ref, [anEvent('Bye')]);
    await vi.waitFor(() => expect(told(frames).slice(1)).toEqual([`revoked: ${id}`, 'messages: ']));
  });

  it('hears that a message which is on its screen was dismissed elsewhere', async () => {
    const ref = await user('shown');
    const { frames } = await open('userId=shown');
    await send(ref, [anEvent('Hello')]);
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    const id = frames[0]?.messages?.[0]?.id ?? '';
    await send(ref, [anEvent('Message Viewed', { message_id: id })]);
    await send(ref, [anEvent('Message Dismissed', { message_id: id })]);
    await vi.waitFor(() => expect(told(frames).slice(1)).toEqual(['messages: ', `revoked: ${id}`]));
  });

  it('hears nothing of an event that changes nothing due', async () => {
    const ref = await user('quiet');
    const { frames, socket, pongs } = await open('userId=quiet');
    await send(ref, [anEvent('Product Viewed', { product_id: 'a' })]);
    // Frames keep their order: what the turn had to say would come before this answer.
    socket.send('ping');
    await vi.waitFor(() => expect(pongs).toEqual(['pong']));
    expect(frames).toEqual([]);
  });

  it('hears of a timer’s message after its object has slept', async () => {
    const ref = await user('sleeps');
    const { frames } = await open('userId=sleeps');
    await send(ref, [anEvent('Later')]);
    await sleep(ref);
    at(61);
    await ring(ref);
    await vi.waitFor(() => expect(told(frames)).toEqual(['messages: later']));
  });

  it('makes an event no dearer, and opening it writes nothing', async () => {
    const ref = await user('rows');
    const { cost } = await meter(ref);
    await send(ref, [anEvent('First'), anEvent('Hello')]);
    expect(await cost(() => open('userId=rows'))).toMatchObject({
      rows: 0,
      commits: 0,
      alarms: 0,
      statements: 0,
    });
    expect(await cost(() => send(ref, [anEvent('Ordinary')]))).toMatchObject({
      rows: 1,
      commits: 1,
      alarms: 0,
    });
  });

  it('of a visitor is closed when the visitor becomes a user, and finds the user’s messages', async () => {
    const known = await user('moves');
    const unknown = await visitor('moves-before');
    await send(unknown, [anEvent('First')]);
    const { codes } = await open('anonymousId=moves-before');
    await send(known, [anEvent('Hello')], { links: [unknown] });
    await vi.waitFor(() => expect(codes).toEqual([4001]));
    const { opened } = await open('anonymousId=moves-before');
    expect(told(opened)).toEqual(['hello: ', 'messages: hello']);
  });
});

describe('is refused', () => {
  it('without an upgrade', async () => {
    const response = await SELF.fetch('http://reflex/v1/messages/live?writeKey=wk_dev&userId=u');
    expect(response.status).toBe(426);
  });

  it('without a key', async () => {
    const response = await SELF.fetch('http://reflex/v1/messages/live?userId=u', {
      headers: { upgrade: 'websocket' },
    });
    expect(response.status).toBe(401);
  });
});
