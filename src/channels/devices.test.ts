import { describe, expect, it } from 'vitest';
import { aMessageFor } from '../../tests/support/channel-kit.ts';
import type { SendResult } from './channel.ts';
import { sendToDevices } from './devices.ts';

const accepted: SendResult = { kind: 'accepted', providerId: 'p' };
const dead: SendResult = { kind: 'rejected', scope: 'address', code: 'UNREGISTERED' };
const later: SendResult = { kind: 'retry', afterMs: 10, code: 'UNAVAILABLE' };
const lost: SendResult = { kind: 'unknown', code: 'timeout' };
const badKey: SendResult = { kind: 'rejected', scope: 'account', code: 'key' };

async function sendTo(results: SendResult[]) {
  const to = results.map((_, i) => ({ kind: 'fcm' as const, value: `t${i}`, deviceId: `d${i}` }));
  const message = aMessageFor('push', { body: 'b' }, { to });
  return sendToDevices(
    message,
    'fcm',
    async ({ deviceId }) => results[Number(deviceId.slice(1))] as SendResult,
  );
}

describe('a message to several devices', () => {
  it.each([
    [[dead, accepted, later], 'accepted'],
    [[dead, later], 'retry'],
    [[later, lost], 'unknown'],
    [[badKey, later], 'retry'],
    [[dead, badKey], 'rejected'],
    [[dead, dead], 'rejected'],
  ] as const)('has the best that any of them had', async (results, kind) => {
    expect((await sendTo([...results])).kind).toBe(kind);
  });

  it('tells of each device what became of it there', async () => {
    expect(await sendTo([accepted, dead, later, lost, badKey])).toEqual({
      ...accepted,
      devices: [
        { deviceId: 'd0', outcome: 'accepted', code: 'accepted' },
        { deviceId: 'd1', outcome: 'dead', code: 'UNREGISTERED' },
        { deviceId: 'd2', outcome: 'retry', code: 'UNAVAILABLE' },
        { deviceId: 'd3', outcome: 'unknown', code: 'timeout' },
        { deviceId: 'd4', outcome: 'rejected', code: 'key' },
      ],
    });
  });

  it('goes to nobody where there is none of the kind', async () => {
    const message = aMessageFor('push', { body: 'b' }, { to: [{ kind: 'apns', value: 't', deviceId: 'd' }] });
    expect(await sendToDevices(message, 'fcm', async () => expect.unreachable())).toEqual({
      kind: 'rejected',
      scope: 'address',
      code: 'no_device',
      devices: [],
    });
  });
});
