import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, MESSAGE_ID, PHONE, sendDeps } from '../../tests/support/channel-kit.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { judgeWhatsapp, whatsappAdapter } from './whatsapp.ts';

const settings = { phoneNumberId: '106540352242922', apiVersion: 'v23.0' };

async function sent(content: JsonObject) {
  const server = await captureServer(() => ({ body: { messages: [{ id: 'wamid.HBgL' }] } }));
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret: 'token' });
  const result = await whatsappAdapter.send(aMessageFor('whatsapp', content, { to: [PHONE] }), deps);
  await server.close();
  const [request] = server.requests;
  return { result, path: request?.path, headers: request?.headers, body: JSON.parse(request?.body ?? '') };
}

it('sends a template that Meta has approved', async () => {
  const { result, path, headers, body } = await sent({
    templateName: 'price_drop',
    language: 'ko',
    variables: { '2': '68,000원', '1': '실반지' },
  });
  expect(result).toEqual({ kind: 'accepted', providerId: 'wamid.HBgL' });
  expect(path).toBe('/v23.0/106540352242922/messages');
  expect(headers?.authorization).toBe('Bearer token');
  expect(body).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '821012345678',
    type: 'template',
    template: {
      name: 'price_drop',
      language: { code: 'ko' },
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: '실반지' },
            { type: 'text', text: '68,000원' },
          ],
        },
      ],
    },
    biz_opaque_callback_data: MESSAGE_ID,
  });
});

it.each([
  [
    { name: '길동' },
    [{ type: 'body', parameters: [{ type: 'text', parameter_name: 'name', text: '길동' }] }],
  ],
  [{}, undefined],
])('of the variables %j makes the components %j', async (variables, components) => {
  const { body } = await sent({ templateName: 't', language: 'ko', variables });
  expect(body.template.components).toEqual(components);
});

const account = { kind: 'rejected', scope: 'account' };
const address = { kind: 'rejected', scope: 'address' };
const refused = { kind: 'rejected', scope: 'message' };
const DAY_MS = 86_400_000;
it.each<readonly [number, number | undefined, object]>([
  ...[1, 2, 4, 80007, 130429, 131000, 131016].map((code) => [400, code, { kind: 'retry' }] as const),
  [400, 131056, { kind: 'retry', afterMs: 60_000 }],
  [400, 131026, address],
  [400, 131050, { kind: 'rejected', scope: 'message', revokeConsent: true }],
  [400, 131049, { kind: 'park', untilAt: DAY_MS }],
  ...[0, 10, 190, 200, 299, 368, 131031].map((code) => [401, code, account] as const),
  ...[100, 131008, 131009, 131047, 131051, 132000, 132001, 132005, 132007, 132012, 132015, 132016].map(
    (code) => [400, code, refused] as const,
  ),
  [400, 999999, { ...refused, code: '999999' }],
  [503, undefined, { kind: 'retry' }],
  [500, undefined, { kind: 'unknown' }],
  [429, undefined, { kind: 'retry' }],
])('%i %s means %j', (status, code, expected) => {
  const body = code === undefined ? {} : { error: { code, message: 'words about +821012345678' } };
  const result = judgeWhatsapp(answerOf(status, body), 0);
  expect(result).toMatchObject(expected);
  expect(JSON.stringify(result)).not.toContain('8210');
});

it('doesn’t know what an answer without a message id means', () => {
  expect(judgeWhatsapp(answerOf(200, {}), 0)).toEqual({ kind: 'unknown', code: 'answer_unreadable' });
});
