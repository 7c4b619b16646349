/** What a marketer is told of documents that can't work, of versions that are old, and of what others rest on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = apiOf(server);
  expect((await api.admin('PUT', 'templates/hello', template('hello'))).status).toBe(201);
});
afterAll(() => server?.[Symbol.asyncDispose]());

function template(id: string) {
  const content = { title: 'Hello', body: 'there' };
  return {
    id,
    defaultLocale: 'en',
    locales: { en: { in_app: { layout: 'modal', ...content }, push: content } },
  };
}

function trigger(id: string, more: object = {}) {
  return {
    id,
    category: 'marketing',
    entry: { on: [{ event: 'Seen' }] },
    reeligibility: { mode: 'always' },
    steps: [send('hello')],
    ...more,
  };
}

function send(name: string, more: object = {}) {
  return { id: 'show', send: { channels: ['in_app'], template: name, ...more } };
}

/** A list of faults: where each is, what is wrong, and what would be right. */
function faultsOf(answer: Answer): { path: string; message: string }[] {
  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'invalid_document' } } });
  const { issues } = answer.body.error;
  for (const { message } of issues) expect(message).toMatch(/.{10}/);
  return issues;
}

const create = (document: object) => api.admin('POST', 'triggers', document);

describe('a trigger that can’t work whatever else there is', () => {
  it.each([
    ['has no steps', { steps: [] }, 'steps', /empty/],
    ['says nothing of re-eligibility', { reeligibility: undefined }, 'reeligibility', /./],
    [
      'has a step that is never reached',
      { steps: [{ id: 'end', end: true }, send('hello')] },
      'steps.1',
      /reach/,
    ],
    [
      'goes round without a wait',
      { steps: [send('hello'), { id: 'b', branch: [{ goto: 'show' }] }] },
      'steps',
      /wait/,
    ],
    [
      'goes to a step that there isn’t',
      { steps: [{ id: 'b', branch: [{ goto: 'nowhere' }] }] },
      'steps.0',
      /nowhere/,
    ],
    [
      'asks for nothing in an `all`',
      { entry: { on: [{ event: 'Seen' }], if: { all: [] } } },
      'entry.if.all',
      /user\.id/,
    ],
    [
      'has an operator that there isn’t',
      { exit: [{ if: { field: 'user.id', op: 'is' } }] },
      'exit.0.if',
      /./,
    ],
    [
      'reads a path that there isn’t',
      { exit: [{ if: { field: 'usr.id', op: 'exists' } }] },
      'exit.0.if',
      /user/,
    ],
    ['listens to nothing', { entry: { on: [] } }, 'entry.on', /./],
    [
      'waits for no time at all',
      { steps: [{ id: 'w', wait: '5 minutes' }, send('hello')] },
      'steps.0.wait',
      /30m/,
    ],
    ['has a field that there isn’t', { prioritty: 5 }, 'prioritty', /priority/],
    ['has a priority of 101', { priority: 101 }, 'priority', /100/],
  ])('%s: 422 at POST and at PUT, and nothing is stored', async (_what, more, where, words) => {
    const id = 'impossible';
    const faults = faultsOf(await create(trigger(id, more)));
    const there = faults.filter(({ path }) => path.startsWith(where));
    expect(there.map(({ message }) => message).join('; '), JSON.stringify(faults)).toMatch(words);
    expect(faultsOf(await api.admin('PUT', `triggers/${id}`, trigger(id, more)))).toEqual(faults);
    expect((await api.admin('GET', `triggers/${id}`)).status).toBe(404);
  });

  it('is told all its faults at once', async () => {
    const paths = faultsOf(await create({ id: 'No Good', steps: [{ id: 'x' }] })).map(({ path }) => path);
    for (const path of ['id', 'category', 'entry', 'reeligibility']) expect(paths).toContain(path);
  });

  it('is no JSON object: 400', async () => {
    expect(await create([])).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it('is larger than 64 KB: 413', async () => {
    const answer = await create(trigger('large', { name: 'x'.repeat(64 * 1024) }));
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    expect(answer.text).toContain('64 KB');
  });
});

describe('a trigger that refers to what there isn’t', () => {
  it.each([
    ['a template', { steps: [send('helo')] }, 'steps.0.send.template', /helo.*hello/s],
    ['a segment', { entry: { on: [{ event: 'Seen' }], if: { segment: 'vip' } } }, 'entry.if.segment', /vip/],
    [
      'a lookup',
      { entry: { on: [{ event: 'Seen' }], lookup: { table: 'colours', key: 'red' } } },
      'entry.lookup.table',
      /colours/,
    ],
    ['content for its channel', { steps: [send('hello', { channels: ['email'] })] }, 'steps.0.send', /email/],
  ])('%s: it is kept as a draft, and 422 at activate', async (what, more, where, words) => {
    const id = `refers-to-${what.replaceAll(' ', '-')}`;
    expect((await create(trigger(id, more))).status).toBe(201);
    const faults = faultsOf(await api.admin('POST', `triggers/${id}/activate`));
    expect(faults.find(({ path }) => path.startsWith(where))?.message, JSON.stringify(faults)).toMatch(words);
    expect((await api.admin('GET', `triggers/${id}`)).body).toMatchObject({
      status: 'draft',
      liveVersion: null,
    });
  });

  it('a marketing message that says neither who sends it nor how to stop it is 422, too', async () => {
    expect((await create(trigger('push', { steps: [send('hello', { channels: ['push'] })] }))).status).toBe(
      201,
    );
    const { body: law } = await api.admin('GET', 'policies/law');
    const { sender: _, ...nameless } = law;
    expect((await api.admin('PUT', 'policies/law', nameless)).status).toBe(200);
    const [fault] = faultsOf(await api.admin('POST', 'triggers/push/activate'));
    expect(fault?.message).toContain('sender.name');
    expect((await api.admin('PUT', 'policies/law', law)).status).toBe(200);
    expect((await api.admin('POST', 'triggers/push/activate')).status).toBe(200);
  });
});

describe('other documents that can’t work', () => {
  it.each([
    ['templates', 't', { defaultLocale: 'en', locales: {} }, 'defaultLocale'],
    [
      'templates',
      't',
      { defaultLocale: 'en', locales: { en: { in_app: { title: '{{#money}}' } } } },
      'locales.en.in_app',
    ],
    [
      'templates',
      't',
      { defaultLocale: 'fr', locales: { en: { push: { title: 'a', body: 'b' } } } },
      'defaultLocale',
    ],
    ['segments', 's', { name: 'S', if: { segment: 'nobody' } }, 'if'],
    ['segments', 's', { name: 'S', if: { any: [] } }, 'if.any'],
    ['lookups', 'l', { rows: [{ url: '/a' }] }, 'rows.0.key'],
    ['policies', 'workspace', { tz: 'Mars/Olympus', locale: 'ko', currency: 'KRW' }, 'tz'],
    ['policies', 'holiday', { closed: true }, 'id'],
    ['channels', 'webhook', { provider: 'webhook', settings: { url: 'ftp://a' } }, 'settings.url'],
    [
      'channels',
      'webhook',
      { provider: 'webhook', settings: { url: 'https://a.example.com' }, secret: 'short' },
      'secret',
    ],
    ['channels', 'in_app', { provider: 'log' }, 'id'],
    ['keys', null, { kind: 'master', label: 'x' }, 'kind'],
  ])('%s: 422 at %s %j', async (kind, id, document, where) => {
    const answer = id
      ? await api.admin('PUT', `${kind}/${id}`, document)
      : await api.admin('POST', kind, document);
    const faults = faultsOf(answer);
    expect(
      faults.filter(({ path }) => path.startsWith(where)),
      JSON.stringify(faults),
    ).not.toEqual([]);
  });
});

it('an unknown document is 404 whatever is asked of it', async () => {
  const answers = await Promise.all([
    api.admin('GET', 'triggers/unheard-of'),
    api.admin('PUT', 'triggers/unheard-of', trigger('unheard-of')),
    api.admin('DELETE', 'triggers/unheard-of'),
    api.admin('POST', 'triggers/unheard-of/activate'),
    api.admin('POST', 'triggers/unheard-of/pause'),
    api.admin('GET', 'triggers/unheard-of/versions'),
    api.admin('GET', 'templates/unheard-of'),
    api.admin('DELETE', 'segments/unheard-of'),
    api.admin('GET', 'lookups/unheard-of'),
    api.admin('GET', 'channels/sms'),
    api.admin('GET', 'policies/unheard-of'),
    api.admin('DELETE', 'keys/unheard-of'),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  }
});

describe('two people who edit one document', () => {
  it.each([
    ['triggers', trigger],
    ['templates', template],
  ])('the one with the older version is told so, and loses nobody’s work: %s', async (kind, make) => {
    const first = await (kind === 'triggers'
      ? create(make('shared'))
      : api.admin('PUT', `${kind}/shared`, make('shared')));
    expect(first.status).toBe(201);
    const headers = { 'if-match': first.headers.get('etag') ?? '' };
    const edited = { ...first.body, name: undefined };
    const put = (more: object, options = {}) =>
      api.admin('PUT', `${kind}/shared`, { ...edited, ...more }, options);
    const change = kind === 'triggers' ? { priority: 70 } : { defaults: { 'user.traits.name': 'friend' } };

    const second = await put(change, { headers });
    expect(second.status).toBe(200);
    expect(second.headers.get('etag')).not.toBe(headers['if-match']);
    expect(await put({}, { headers })).toMatchObject({ status: 409, body: { error: { code: 'stale' } } });
    expect(await api.admin('DELETE', `${kind}/shared`, undefined, { headers })).toMatchObject({
      status: 409,
    });
    expect((await api.admin('GET', `${kind}/shared`)).body).toMatchObject(change);
    // Without If-Match the last one wins, as asked for.
    expect((await put(change)).status).toBe(200);
  });

  it('a second document of the same name is 409, not a replacement', async () => {
    expect((await create(trigger('only-one'))).status).toBe(201);
    expect(await create(trigger('only-one', { priority: 1 }))).toMatchObject({
      status: 409,
      body: { error: { code: 'exists' } },
    });
  });
});

describe('what something rests on', () => {
  it('can’t be deleted: 409 with the list of what does', async () => {
    await api.admin('PUT', 'templates/in-use', template('in-use'));
    await api.admin('PUT', 'segments/in-use', { name: 'S', if: { field: 'user.id', op: 'exists' } });
    await api.admin('PUT', 'lookups/in-use', { rows: [{ key: 'red', url: '/red' }] });
    const on = [{ event: 'Seen' }];
    const lookup = { table: 'in-use', key: { ref: 'event.properties.colour' } };
    const user = trigger('user-of-all', {
      entry: { on, if: { segment: 'in-use' }, lookup },
      steps: [send('in-use')],
    });
    expect((await create(user)).status).toBe(201);
    expect((await api.admin('POST', 'triggers/user-of-all/activate')).status).toBe(200);

    for (const kind of ['templates', 'segments', 'lookups']) {
      const answer = await api.admin('DELETE', `${kind}/in-use`);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: 'in_use' } } });
      expect(answer.body.error.issues[0].path).toContain('triggers.user-of-all');
      expect((await api.admin('GET', `${kind}/in-use`)).status).toBe(200);
    }
    expect((await api.admin('DELETE', 'triggers/user-of-all')).status).toBe(204);
    for (const kind of ['templates', 'segments', 'lookups']) {
      expect((await api.admin('DELETE', `${kind}/in-use`)).status).toBe(204);
    }
  });

  it('can’t be changed so that it breaks: 422, and the old one stays in force', async () => {
    await api.admin('PUT', 'templates/worn', template('worn'));
    await create(trigger('wearer', { steps: [send('worn')] }));
    expect((await api.admin('POST', 'triggers/wearer/activate')).status).toBe(200);
    const pushOnly = { defaultLocale: 'en', locales: { en: { push: { title: 'a', body: 'b' } } } };
    const [fault] = faultsOf(await api.admin('PUT', 'templates/worn', pushOnly));
    expect(fault?.path).toContain('triggers.wearer');
    expect((await api.admin('GET', 'templates/worn')).body.locales.en.in_app).toBeDefined();
  });
});
