/** Every code of the Korean dealers' reports: what it says of the message, and of the person. */
import { describe, expect, it } from 'vitest';
import { aCallback, aChannel } from '../../../tests/support/callback-kit.ts';
import type { ReportKind } from '../../engine/runs/hear-report.ts';
import type { Channel } from '../../engine/trigger.ts';
import type { JsonObject } from '../../engine/vocabulary.ts';
import type { Report } from './callback.ts';
import { nhnCallbacks } from './nhn.ts';
import { solapiCallbacks } from './solapi.ts';

const NOW = Date.UTC(2026, 10, 24, 3);
const ID = 'msg_0123456789abcdefghijkl_0123456789a_0';
const NUMBER = { kind: 'phone', value: '+821012345678' };

/** Null: it is left out. */
type Said = [kind: ReportKind, of?: Report['of']] | null;

function said([report, ...more]: Report[]): Said {
  expect(more).toEqual([]);
  if (!report) return null;
  return report.of === 'marketing' ? [report.kind, report.of] : [report.kind];
}

describe('SOLAPI', () => {
  const read = (type: string, statusCode: string, event = 'SINGLE-REPORT') =>
    solapiCallbacks.read(
      aCallback(
        JSON.stringify([
          { messageId: 'M1', to: '01012345678', type, statusCode, customFields: { message_id: ID } },
        ]),
        { 'x-solapi-event-name': event },
        { now: NOW },
      ),
      [],
    );

  it.each<[string, string, Said]>([
    ['SMS', '2000', null],
    ['SMS', '3000', null],
    ['SMS', '4000', ['delivered']],
    ['LMS', '4000', ['delivered']],
    ['ATA', '4000', ['delivered']],
    ['SMS', '3020', ['failed']],
    ['SMS', '1010', ['failed']],
    ['ATA', '3008', ['bounced']],
    ['ATA', '3018', ['bounced']],
    ['ATA', '3019', ['bounced']],
    ['ATA', '3020', ['refused']],
    ['BMS_FREE', '3020', ['refused']],
    ['ATA', '3021', ['bounced']],
    ['ATA', '3005', null],
    ['ATA', '3015', ['failed']],
    ['BMS_FREE', '3022', ['failed']],
  ])('%s %s says %j', (type, code, expected) => {
    expect(said(read(type, code))).toEqual(expected);
  });

  it('names the message and the number, and leaves reports of groups alone', () => {
    expect(read('ATA', '3020')[0]).toMatchObject({
      id: 'M1:3020',
      code: '3020',
      messageId: ID,
      address: NUMBER,
    });
    expect(read('SMS', '4000', 'GROUP-REPORT')).toEqual([]);
  });
});

describe('NHN', () => {
  const read = (event: string, hook: JsonObject, channel: Channel = 'sms') =>
    nhnCallbacks.read(
      aCallback(
        JSON.stringify({
          event,
          appKey: 'a',
          hooks: [{ hookId: 'h1', recipientNo: '01012345678', ...hook }],
        }),
        {},
        { now: NOW },
      ),
      [aChannel(channel)],
    );
  const result = (channel: Channel, resultCode: string, messageStatus?: string) =>
    read(
      'MESSAGE_RESULT_UPDATE',
      { recipientGroupingKey: ID, resultCode, ...(messageStatus && { messageStatus }) },
      channel,
    );

  it.each<[Channel, string, string | undefined, Said]>([
    ['sms', '1000', 'COMPLETED', ['delivered']],
    ['lms', '1000', 'COMPLETED', ['delivered']],
    ['sms', '3020', 'FAILED', ['failed']],
    ['sms', '1000', 'CANCEL', ['failed']],
    ['sms', '1000', 'DUPLICATED', ['failed']],
    ['sms', '1000', 'FAILED_AD', ['failed']],
    ['kakao_info', '1000', undefined, ['delivered']],
    ['kakao_info', '0', undefined, ['delivered']],
    ['kakao_info', '3008', undefined, ['bounced']],
    ['kakao_info', '3018', undefined, ['bounced']],
    ['kakao_info', '3019', undefined, ['bounced']],
    ['kakao_info', '3020', undefined, ['refused']],
    ['kakao_brand', '3021', undefined, ['bounced']],
    ['kakao_info', '3005', undefined, null],
    ['kakao_info', '3016', undefined, ['failed']],
    ['kakao_info', '1021', undefined, ['failed']],
    ['kakao_brand', '3022', undefined, ['failed']],
  ])('%s %s %s says %j', (channel, code, status, expected) => {
    expect(said(result(channel, code, status))).toEqual(expected);
  });

  it.each<[string, Said]>([
    ['UNSUBSCRIBE', ['opted_out', 'marketing']],
    ['CONVERSION_BLOCK', null],
    ['INTERNATIONAL_DELIVERY_RECEIPT', null],
    ['TEMPLATE_STATUS', null],
  ])('%s says %j', (event, expected) => {
    expect(said(read(event, { unsubscribeNo: '0801234567' }))).toEqual(expected);
  });

  it('names the message or the number, and counts in Seoul’s time where no zone is named', () => {
    const createdDateTime = '2026-11-24T11:00:00.000+09:00';
    const at = Date.UTC(2026, 10, 24, 2);
    expect(read('UNSUBSCRIBE', { createdDateTime })[0]).toMatchObject({
      id: 'h1',
      messageId: null,
      address: NUMBER,
      channel: 'sms',
      at,
    });
    const receiveDate = '2026-11-24T11:00:00';
    const report = read(
      'MESSAGE_RESULT_UPDATE',
      { recipientGroupingKey: ID, resultCode: '3020', receiveDate },
      'kakao_info',
    );
    expect(report[0]).toMatchObject({ messageId: ID, address: NUMBER, code: '3020', at });
  });
});
