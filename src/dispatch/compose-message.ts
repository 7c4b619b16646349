import type { OutgoingMessage } from '../channels/channel.ts';
import type { Policies, Template } from '../engine/documents.ts';
import type { Address } from '../engine/send/addresses.ts';
import { composeContent } from '../engine/send/compose-content.ts';
import type { JsonObject, MessageInput } from '../engine/vocabulary.ts';

type Composed =
  | { kind: 'composed'; message: OutgoingMessage }
  | { kind: 'refused'; path: string; message: string };

/** The frozen input as an adapter takes it. */
export function composeMessage(
  input: MessageInput,
  template: Template,
  policies: Policies,
  to: Address[] = [],
): Composed {
  const composed = composeContent(input, template, policies);
  if (composed.kind === 'refused') return composed;
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
    },
  };
}

/** From the frozen values, not from the profile of now: the bytes must stay. */
function userField({ user }: JsonObject, name: 'id' | 'anonymousId'): string | null {
  if (typeof user !== 'object' || user === null || Array.isArray(user)) return null;
  const value = Object.hasOwn(user, name) ? user[name] : null;
  return typeof value === 'string' ? value : null;
}
