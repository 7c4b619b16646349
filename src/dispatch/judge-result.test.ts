import { describe, expect, it } from 'vitest';
import { aMessage, anAdapter, NOW } from '../../tests/support/dispatch-world.ts';
import type { ChannelAdapter, SendResult } from '../channels/channel.ts';
import type { UserNews } from '../engine/gates/suppression.ts';
import { isRepeatable, type Judged, judgeResult, reportOf, userNewsOf } from './judge-result.ts';

type Refused = Exclude<SendResult, { kind: 'accepted' }>;

const sms = {};
const webhook = { idempotent: true };
const { capabilities } = anAdapter(() => ({ kind: 'accepted' }));
const forTenMinutes = { idempotent: true, capabilities: { ...capabilities, idempotentForMs: 600_000 } };
const searchable = { lookUp: async () => null };

function judged(result: Refused, adapter: Partial<ChannelAdapter> = sms, number = 1): Judged & UserNews {
  const tried = { input: aMessage(), number, adapter: anAdapter(() => result, adapter), now: NOW };
  return { ...judgeResult(result, tried), ...userNewsOf(result, 'sms') };
}
const code = 'c';
const rejected = (scope: 'message' | 'address' | 'account'): Refused => ({ kind: 'rejected', scope, code });
const unknown: Refused = { kind: 'unknown', code };
const retry: Refused = { kind: 'retry', code };

describe('an answer of a provider’s', () => {
  it.each<[string, Refused, Partial<ChannelAdapter>, number, Partial<Judged & UserNews>]>([
    ['rejected(message)', rejected('message'), sms, 1, { kind: 'over', status: 'failed' }],
    [
      'rejected(address)',
      rejected('address'),
      sms,
      1,
      { kind: 'over', status: 'failed', rejection: { code } },
    ],
    [
      'rejected(address), of one device',
      { ...rejected('address'), devices: [{ deviceId: 'd1', outcome: 'dead', code }] },
      sms,
      1,
      { kind: 'over', status: 'failed', rejection: { code, deviceIds: ['d1'] } },
    ],
    [
      'rejected, with consent revoked',
      { ...rejected('message'), revokeConsent: true } as Refused,
      sms,
      1,
      { kind: 'over', status: 'failed', revokeConsent: true },
    ],
    ['rejected(account)', rejected('account'), sms, 1, { kind: 'untried', afterMs: 60_000 }],
    ['rejected(account), the eighth time', rejected('account'), sms, 8, { kind: 'untried' }],
    ['park', { kind: 'park', untilAt: NOW + 7_000, code }, sms, 8, { kind: 'untried', afterMs: 7_000 }],
    ['retry', retry, sms, 1, { kind: 'again' }],
    [
      'retry, with its own wish',
      { kind: 'retry', afterMs: 90_000, code },
      sms,
      1,
      { kind: 'again', afterMs: 90_000 },
    ],
    ['retry, the eighth time', retry, sms, 8, { kind: 'over', status: 'dead', reason: 'provider_error' }],
    ['unknown', unknown, sms, 1, { kind: 'over', status: 'unknown', reason: 'unknown_outcome' }],
    ['unknown, idempotent', unknown, webhook, 1, { kind: 'again' }],
    ['unknown, idempotent, the eighth time', unknown, webhook, 8, { kind: 'over', status: 'unknown' }],
    ['unknown, idempotent for long enough', unknown, forTenMinutes, 2, { kind: 'again' }],
    ['unknown, idempotent no longer by then', unknown, forTenMinutes, 3, { kind: 'over', status: 'unknown' }],
    ['unknown, where it can be looked up', unknown, searchable, 1, { kind: 'again' }],
  ])('%s', (_, result, adapter, number, expected) => {
    expect(judged(result, adapter, number)).toMatchObject({ code, ...expected });
  });

  it.each<[SendResult, object]>([
    [{ kind: 'accepted' }, { ok: 1, failed: 0 }],
    [rejected('message'), { ok: 1, failed: 0 }],
    [rejected('address'), { ok: 1, failed: 0 }],
    [rejected('account'), { ok: 0, failed: 0, refused: code }],
    [
      { kind: 'park', untilAt: 9, code },
      { ok: 1, failed: 0 },
    ],
    [
      { kind: 'park', untilAt: 9, code, scope: 'account' },
      { ok: 0, failed: 0, parkedUntil: 9, code },
    ],
    [unknown, { ok: 0, failed: 1, code }],
    [retry, { ok: 0, failed: 1, code }],
  ])('is told of its endpoint: %o', (result, report) => {
    expect(reportOf(result)).toEqual(report);
  });

  it('can be asked for again as long as the provider knows the id, counted from the message’s creation', () => {
    const { createdAt } = aMessage();
    const adapter = anAdapter(() => retry, forTenMinutes);
    expect(isRepeatable(adapter, aMessage(), createdAt + 599_999)).toBe(true);
    expect(isRepeatable(adapter, aMessage(), createdAt + 600_000)).toBe(false);
    expect(
      isRepeatable(
        anAdapter(() => retry),
        aMessage(),
        createdAt,
      ),
    ).toBe(false);
  });
});
