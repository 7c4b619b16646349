/**
 * One message to several devices is one call to each. The message's result is the best that any device had: once one of
 * them has it, the user has, and it is not sent again for the others' sake. Only where no device took it does it come
 * again, and then to those that the profile still has.
 */
import type { Address, AddressKind } from '../engine/send/addresses.ts';
import type { DeviceReport, OutgoingMessage, SendResult } from './channel.ts';

/** `to` as its device's address. */
export interface DeviceAddress extends Address {
  deviceId: string;
}

export async function sendToDevices(
  { to }: OutgoingMessage,
  kind: AddressKind,
  sendOne: (device: DeviceAddress) => Promise<SendResult>,
): Promise<SendResult> {
  const devices = to.filter(
    (address): address is DeviceAddress => address.kind === kind && address.deviceId !== undefined,
  );
  if (devices.length === 0) {
    return { kind: 'rejected', scope: 'address', code: 'no_device', devices: [] };
  }
  const results = await Promise.all(devices.map(sendOne));
  const reports = devices.map(({ deviceId }, i) => report(deviceId, results[i] as SendResult));
  const best = results.reduce((a, b) => (RANK[rankOf(b)] < RANK[rankOf(a)] ? b : a));
  return { ...best, devices: reports };
}

/**
 * From the best on. An account's fault says more of the next attempt than a dead device does, but less than one that may
 * still take it. What is not known is better not sent again to another device.
 */
const RANK = { accepted: 0, unknown: 1, retry: 2, park: 3, account: 4, message: 5, address: 6 };

function rankOf(result: SendResult): keyof typeof RANK {
  return result.kind === 'rejected' ? result.scope : result.kind;
}

function report(deviceId: string, result: SendResult): DeviceReport {
  switch (result.kind) {
    case 'accepted':
      return { deviceId, outcome: 'accepted', code: 'accepted' };
    case 'rejected':
      return { deviceId, outcome: result.scope === 'address' ? 'dead' : 'rejected', code: result.code };
    case 'retry':
    case 'park':
      return { deviceId, outcome: 'retry', code: result.code };
    case 'unknown':
      return { deviceId, outcome: 'unknown', code: result.code };
    default:
      return result satisfies never;
  }
}
