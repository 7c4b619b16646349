/**
 * SES tells what became of an e-mail by a configuration set's SNS topic. The message's id is an e-mail tag of ours. SNS
 * asks first whether the address is ours; that is answered to SNS alone.
 */
import type { JsonObject } from '../../engine/vocabulary.ts';
import { codeIn, jsonOf, objectIn, objectsIn } from '../http-call.ts';
import { textSetting } from '../provider.ts';
import type { CallbackAdapter, Report } from './callback.ts';
import { instantIn, jsonIn, textFrom } from './read-json.ts';
import { confirmSubscription, isFromSns, snsMessage } from './sns.ts';

export const sesCallbacks: CallbackAdapter = {
  provider: 'ses',
  async verify(callback, { settings }, deps) {
    const message = snsMessage(objectIn(jsonIn(callback)));
    const topicArn = textSetting(settings, 'topicArn');
    return message !== null && topicArn !== undefined && isFromSns(message, topicArn, callback.now, deps);
  },
  async confirm(callback, deps) {
    const message = snsMessage(objectIn(jsonIn(callback)));
    return message?.Type !== 'SubscriptionConfirmation' || confirmSubscription(message, deps);
  },
  read(callback) {
    const message = snsMessage(objectIn(jsonIn(callback)));
    if (message?.Type !== 'Notification') return [];
    const event = jsonOf(message.Message);
    const said = kindOf(event);
    if (!said) return [];
    const mail = objectIn(event.mail);
    const [messageId] = [objectIn(mail.tags).message_id].flat();
    const [destination] = Array.isArray(mail.destination) ? mail.destination : [];
    const address = said.address ?? (typeof destination === 'string' ? destination : null);
    return [
      {
        id: message.MessageId,
        kind: said.kind,
        code: said.code,
        at: instantIn(said.at, callback.now),
        messageId: typeof messageId === 'string' ? messageId : null,
        address: address === null ? null : { kind: 'email', value: address },
        channel: 'email',
        of: said.kind === 'opted_out' ? 'marketing' : 'everything',
      },
    ];
  },
};

interface Said extends Pick<Report, 'kind' | 'code'> {
  at: JsonObject[string] | undefined;
  address?: string | null;
}

function kindOf(event: JsonObject): Said | null {
  const type = String(event.eventType ?? event.notificationType);
  const of = (name: string) => objectIn(event[name]);
  switch (type) {
    case 'Delivery':
      return { kind: 'delivered', code: 'Delivery', at: of('delivery').timestamp };
    case 'Open':
      return { kind: 'opened', code: 'Open', at: of('open').timestamp };
    case 'Click':
      return { kind: 'clicked', code: 'Click', at: of('click').timestamp };
    case 'Reject':
      return { kind: 'failed', code: 'Reject', at: objectIn(event.mail).timestamp };
    case 'Rendering Failure':
      return { kind: 'failed', code: 'RenderingFailure', at: objectIn(event.mail).timestamp };
    case 'Bounce': {
      const { bounceType, bounceSubType, bouncedRecipients, timestamp } = of('bounce');
      const [recipient] = objectsIn(bouncedRecipients);
      const address = recipient ? textFrom(recipient, 'emailAddress') : null;
      const kind = bounceType === 'Permanent' ? 'bounced' : 'failed';
      return { kind, code: codeIn(bounceSubType, codeIn(bounceType, 'Bounce')), at: timestamp, address };
    }
    case 'Complaint': {
      const { complaintFeedbackType, complainedRecipients, timestamp } = of('complaint');
      // Somebody took it out of the junk folder.
      if (complaintFeedbackType === 'not-spam') return null;
      const [recipient] = objectsIn(complainedRecipients);
      const address = recipient ? textFrom(recipient, 'emailAddress') : null;
      return { kind: 'complained', code: codeIn(complaintFeedbackType, 'Complaint'), at: timestamp, address };
    }
    case 'Subscription': {
      const { newTopicPreferences, timestamp } = of('subscription');
      const isAll = objectIn(newTopicPreferences).unsubscribeAll === true;
      return isAll ? { kind: 'opted_out', code: 'Subscription', at: timestamp } : null;
    }
    default:
      return null;
  }
}
