import type { OutgoingMessage } from '../channels/channel.ts';
import type { Template } from '../engine/documents.ts';
import type { Address } from '../engine/send/addresses.ts';
import { type Composing, composeContent } from '../engine/send/compose-content.ts';
import { linksOf } from '../engine/send/links/unsubscribe-link.ts';
import type { JsonObject, MessageInput } from '../engine/vocabulary.ts';

type Composed =
  | { kind: 'composed'; message: OutgoingMessage }
  | { kind: 'refused'; path: string; message: string };

/** The frozen input, its links signed, as an adapter takes it. */
export function composeMessage(
  input: MessageInput,
  template: Template,
  config: Composing,
  to: Address[] = [],
): Composed {
  const composed = composeContent(input, template, config);
  if (composed.kind === 'refused') return composed;
  const emailHeaders = unsubscribeHeaders(input);
  return {
    kind: 'composed',
    message: {
      id: input.messageId,
      channel: input.channel,
      trigger: input.trigger,
      version: input.version,
      variant: input.variant,
      category: input.category,
      priority: input.priority,
      createdAt: input.createdAt,
      expiresAt: input.expiresAt,
      user: { id: userField(input.values, 'id'), anonymousId: userField(input.values, 'anonymousId') },
      to,
      locale: composed.locale,
      content: composed.content,
      ...(emailHeaders && { emailHeaders }),
    },
  };
}

/** RFC 8058: the mailbox's own button, which sends one POST to the link. The provider's DKIM signature has to cover both. */
function unsubscribeHeaders({ channel, category, values }: MessageInput): Record<string, string> | null {
  const links = channel === 'email' && category === 'marketing' ? linksOf(values) : null;
  return (
    links && {
      'List-Unsubscribe': `<${links.unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    }
  );
}

/** From the frozen values, not from the profile of now: the bytes must stay. */
function userField({ user }: JsonObject, name: 'id' | 'anonymousId'): string | null {
  if (typeof user !== 'object' || user === null || Array.isArray(user)) return null;
  const value = Object.hasOwn(user, name) ? user[name] : null;
  return typeof value === 'string' ? value : null;
}
