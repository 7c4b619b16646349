import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/store/config-cache.ts';
import { loadTemplateVersion, loadTriggerVersions } from '../../src/store/document-versions.ts';
import { admin } from '../support/admin-client.ts';

const LAW = {
  id: 'law',
  jurisdiction: 'KR',
  inApp: false,
  sender: { name: '달무리주얼리', phone: '02-6925-1470', optOut080: '080-870-2580' },
};

function template(id: string, title = '가격이 내렸어요') {
  return {
    id,
    defaultLocale: 'ko',
    locales: {
      ko: {
        push: { title, body: '{{item.title}}', link: '/p/{{item.id}}' },
        in_app: { layout: 'modal', title },
      },
    },
  };
}

function trigger(id: string, changes: object = {}) {
  return {
    id,
    category: 'marketing',
    entry: { on: [{ event: 'Product Viewed' }] },
    reeligibility: { mode: 'never' },
    steps: [{ id: 'tell', send: { channels: ['push'], template: 'welcome' } }],
    ...changes,
  };
}

async function activated(id: string, changes: object = {}) {
  expect((await admin('POST', 'triggers', trigger(id, changes))).status).toBe(201);
  const answer = await admin('POST', `triggers/${id}/activate`);
  expect(answer).toMatchObject({ status: 200, body: { status: 'live' } });
}

beforeAll(async () => {
  expect((await admin('PUT', 'policies/law', LAW)).status).toBe(201);
  expect((await admin('PUT', 'templates/welcome', template('welcome'))).status).toBe(201);
});

describe('a trigger', () => {
  test('is written as a draft, which decides nothing until it is activated', async () => {
    const created = await admin('POST', 'triggers', { ...trigger('life'), version: 77, status: 'live' });
    expect(created).toMatchObject({
      status: 201,
      body: { id: 'life', version: 1, status: 'draft', liveVersion: null },
    });
    expect((await loadConfig(env)).triggers.has('life')).toBe(false);

    const live = await admin('POST', 'triggers/life/activate');
    expect(live).toMatchObject({
      status: 200,
      body: { version: 1, status: 'live', liveVersion: 1, warnings: [] },
    });
    expect((await loadConfig(env)).triggers.get('life')).toMatchObject({ version: 1, state: 'live' });
  });

  test('gets a new version by PUT and activate; the old one never changes', async () => {
    await activated('versions', { priority: 10 });
    const first = await admin('PUT', 'triggers/versions', trigger('versions', { priority: 20 }));
    expect(first.body).toMatchObject({ version: 2, status: 'draft', liveVersion: 1, liveStatus: 'live' });
    const second = await admin('PUT', 'triggers/versions', trigger('versions', { priority: 30 }));
    expect(second.body).toMatchObject({ version: 2, status: 'draft', priority: 30 });
    expect((await loadConfig(env)).triggers.get('versions')).toMatchObject({ version: 1, priority: 10 });

    await admin('POST', 'triggers/versions/activate');
    expect((await loadConfig(env)).triggers.get('versions')).toMatchObject({ version: 2, priority: 30 });
    const versions = await admin('GET', 'triggers/versions/versions');
    expect(versions.body.items).toMatchObject([
      { version: 2, status: 'live', priority: 30 },
      { version: 1, status: 'superseded', priority: 10 },
    ]);
    expect(
      await loadTriggerVersions(env, [
        { id: 'versions', version: 1 },
        { id: 'versions', version: 9 },
      ]),
    ).toEqual([{ version: 1, document: trigger('versions', { priority: 10 }) }]);
  });

  test('keeps the time of its first activation when it is paused, replaced and activated again', async () => {
    await activated('seniority');
    const since = (await loadConfig(env)).triggers.get('seniority')?.activatedAt;
    expect((await admin('POST', 'triggers/seniority/pause')).body.status).toBe('paused');
    expect((await loadConfig(env)).triggers.get('seniority')).toMatchObject({ state: 'paused' });
    await admin('PUT', 'triggers/seniority', trigger('seniority', { priority: 1 }));
    await admin('POST', 'triggers/seniority/activate');
    expect((await loadConfig(env)).triggers.get('seniority')).toMatchObject({
      state: 'live',
      activatedAt: since,
    });
  });

  test('that is archived or deleted leaves every isolate, and a new one of its id goes on counting versions', async () => {
    await activated('gone');
    expect((await admin('POST', 'triggers/gone/archive')).body.status).toBe('archived');
    expect((await loadConfig(env)).triggers.has('gone')).toBe(false);
    expect((await admin('DELETE', 'triggers/gone')).status).toBe(204);
    expect((await admin('GET', 'triggers/gone')).status).toBe(404);
    expect((await admin('POST', 'triggers', trigger('gone'))).body).toMatchObject({
      version: 2,
      status: 'draft',
    });
  });

  test('that was never live cannot be paused', async () => {
    await admin('POST', 'triggers', trigger('unborn'));
    expect(await admin('POST', 'triggers/unborn/pause')).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict' } },
    });
  });

  test('that refers to what is not there stays a draft, and says what would be right', async () => {
    await admin(
      'POST',
      'triggers',
      trigger('dangling', {
        entry: {
          on: [{ event: 'Products Searched' }],
          if: { all: [{ segment: 'vips' }, { received: 'shown', trigger: 'nobody' }] },
          lookup: { table: 'categories', key: { ref: 'event.properties.query' } },
        },
        steps: [
          { id: 'a', send: { channels: ['email'], template: 'welcome' } },
          { id: 'b', send: { channels: ['push'], template: 'welcom' } },
        ],
      }),
    );
    const refused = await admin('POST', 'triggers/dangling/activate');
    expect(refused.status).toBe(422);
    expect(refused.body.error.issues).toMatchObject([
      { path: 'entry.if.all.0.segment', message: 'there is no segment `vips`' },
      { path: 'entry.if.all.1.trigger', message: 'there is no trigger `nobody`' },
      { path: 'entry.lookup.table', message: 'there is no lookup `categories`' },
      { path: 'steps.1.send.template', message: 'there is no template `welcom`; did you mean `welcome`?' },
      { path: 'steps.0.send.template', message: expect.stringContaining('expected `locales.ko.email`') },
      // The law policy has a name and a phone; e-mail needs an address too.
      { path: 'steps.0.send.channels.0', message: expect.stringContaining('`sender.address`') },
    ]);
    expect((await admin('GET', 'triggers/dangling')).body.status).toBe('draft');
  });

  test('that waits without a recheck goes live with a warning', async () => {
    await admin(
      'POST',
      'triggers',
      trigger('patient', {
        entry: { on: [{ event: 'Product Added' }], if: { field: 'user.cart.count', op: 'gt', value: 0 } },
        steps: [{ id: 'wait', wait: '1h' }, ...trigger('x').steps],
      }),
    );
    expect((await admin('POST', 'triggers/patient/activate')).body.warnings).toEqual([
      {
        path: 'steps.0',
        message: expect.stringContaining('only exits and `delivery.recheck` protect'),
        code: 'no_recheck_after_wait',
        values: {},
      },
    ]);
  });
});

describe('a bad request', () => {
  test('that is not JSON, or not an object, is 400', async () => {
    expect(await admin('POST', 'triggers', '{"id":')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
    expect((await admin('POST', 'triggers', [trigger('x')])).status).toBe(400);
    expect((await admin('GET', 'triggers?limit=0')).status).toBe(400);
  });

  test('with a document that cannot work is 422 with every fault', async () => {
    const refused = await admin('POST', 'triggers', { id: 'bad', category: 'marketing' });
    expect(refused.status).toBe(422);
    expect(refused.body.error.issues.map(({ path }: { path: string }) => path)).toEqual([
      'entry',
      'reeligibility',
      'steps',
    ]);
  });

  test('over 64 KB is 413 with the limit in words', async () => {
    const refused = await admin('POST', 'triggers', trigger('big', { name: 'x'.repeat(70_000) }));
    expect(refused).toMatchObject({
      status: 413,
      body: { error: { message: expect.stringContaining('64 KB') } },
    });
  });

  test('for an unknown id is 404, and creating one twice is 409', async () => {
    expect((await admin('GET', 'triggers/nothing')).status).toBe(404);
    expect((await admin('PUT', 'triggers/nothing', trigger('nothing'))).status).toBe(404);
    expect((await admin('POST', 'triggers/nothing/activate')).status).toBe(404);
    expect((await admin('DELETE', 'templates/nothing')).status).toBe(404);
    await admin('POST', 'triggers', trigger('twice'));
    expect((await admin('POST', 'triggers', trigger('twice'))).status).toBe(409);
  });

  test('whose body names another id than its path is refused', async () => {
    const refused = await admin('PUT', 'templates/welcome', template('other'));
    expect(refused).toMatchObject({ status: 422, body: { error: { issues: [{ path: 'id' }] } } });
  });

  test('whose If-Match is stale is 409 and changes nothing', async () => {
    const before = await admin('PUT', 'segments/vip', {
      if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' },
    });
    const first = await admin(
      'PUT',
      'segments/vip',
      { if: { field: 'user.traits.tier', op: 'eq', value: 'GOLD' } },
      { ifMatch: before.etag ?? '' },
    );
    expect(first.status).toBe(200);
    const stale = await admin(
      'PUT',
      'segments/vip',
      { if: { field: 'user.known', op: 'eq', value: true } },
      { ifMatch: before.etag ?? '' },
    );
    expect(stale).toMatchObject({ status: 409, body: { error: { code: 'stale' } } });
    expect((await admin('DELETE', 'segments/vip', undefined, { ifMatch: before.etag ?? '' })).status).toBe(
      409,
    );
    const now = await admin('GET', 'segments/vip');
    expect(now).toMatchObject({ body: { if: { value: 'GOLD' }, version: 2 }, etag: first.etag });
  });
});

describe('documents that others rest on', () => {
  test('cannot be deleted while they are used, and can afterwards', async () => {
    await admin('PUT', 'lookups/rings', { rows: [{ key: '실반지', url: '/c/thin-rings' }] });
    await admin('PUT', 'segments/gold', { if: { field: 'user.traits.tier', op: 'eq', value: 'GOLD' } });
    await admin('PUT', 'segments/best', { if: { segment: 'gold' } });
    await admin('PUT', 'templates/used', template('used'));
    await activated('user-of-all', {
      entry: {
        on: [{ event: 'Products Searched' }],
        if: { segment: 'best' },
        lookup: { table: 'rings', key: { ref: 'event.properties.query' }, match: 'normalized' },
      },
      steps: [{ id: 'tell', send: { channels: ['in_app'], template: 'used' } }],
    });
    for (const path of ['lookups/rings', 'segments/gold', 'segments/best', 'templates/used']) {
      expect(await admin('DELETE', path)).toMatchObject({ status: 409, body: { error: { code: 'in_use' } } });
    }
    await admin('DELETE', 'triggers/user-of-all');
    for (const path of ['lookups/rings', 'segments/best', 'segments/gold', 'templates/used']) {
      expect((await admin('DELETE', path)).status).toBe(204);
    }
  });

  test('cannot be replaced by what would break a trigger in force', async () => {
    await admin('PUT', 'templates/solid', template('solid'));
    await activated('resting', { steps: [{ id: 'tell', send: { channels: ['push'], template: 'solid' } }] });
    const hollow = {
      defaultLocale: 'ko',
      locales: { ko: { in_app: { layout: 'modal', title: '안녕하세요' } } },
    };
    expect(await admin('PUT', 'templates/solid', hollow)).toMatchObject({
      status: 422,
      body: { error: { issues: [{ path: 'triggers.resting.steps.0.send.template' }] } },
    });
    expect(await admin('PUT', 'policies/law', { inApp: false })).toMatchObject({ status: 422 });
    expect((await admin('DELETE', 'policies/law')).status).toBe(409);
    expect((await admin('GET', 'policies/law')).body.sender.name).toBe('달무리주얼리');
  });

  test('must not define themselves', async () => {
    await admin('PUT', 'segments/chicken', { if: { field: 'user.known', op: 'eq', value: true } });
    await admin('PUT', 'segments/egg', { if: { segment: 'chicken' } });
    const refused = await admin('PUT', 'segments/chicken', { if: { not: { segment: 'egg' } } });
    expect(refused.body.error.issues).toEqual([
      { path: 'if.not.segment', message: '`egg` is, in the end, defined by `chicken` itself' },
    ]);
  });

  test('are in force at once, and their old versions stay readable', async () => {
    await admin('PUT', 'templates/now', template('now', 'one'));
    await admin('PUT', 'templates/now', template('now', 'two'));
    expect((await loadConfig(env)).templates.get('now')?.version).toBe(2);
    expect(await loadTemplateVersion(env, 'now', 1)).toEqual(template('now', 'one'));
    expect(await loadTemplateVersion(env, 'now', 3)).toBeNull();
  });
});
