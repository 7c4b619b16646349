import type { OutgoingMessage } from '../channels/channel.ts';
import type { Policies, Template } from '../engine/documents.ts';
import { labelAdvertising } from '../engine/law/ad-label.ts';
import { renderTemplate } from '../engine/render/render-template.ts';
import type { JsonObject, MessageInput } from '../engine/vocabulary.ts';

type Composed =
  | { kind: 'composed'; message: OutgoingMessage }
  | { kind: 'refused'; path: string; message: string };

/** The frozen input as it leaves: rendered, and labelled as the law of the policy wants advertising to be. */
export function composeMessage(input: MessageInput, template: Template, policies: Policies): Composed {
  const { workspace, law } = policies;
  const rendered = renderTemplate({
    template,
    channel: input.channel,
    locale: input.locale,
    values: input.values,
    format: input.format ?? { currency: workspace.currency, timeZone: workspace.tz },
  });
  if (rendered.kind === 'refused') return rendered;
  const isAdvertising = input.category === 'marketing';
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
      locale: rendered.locale,
      content: isAdvertising ? labelAdvertising(input.channel, rendered.content, law) : rendered.content,
    },
  };
}

/** From the frozen values, not from the profile of now: the bytes must stay. */
function userField({ user }: JsonObject, name: 'id' | 'anonymousId'): string | null {
  if (typeof user !== 'object' || user === null || Array.isArray(user)) return null;
  const value = Object.hasOwn(user, name) ? user[name] : null;
  return typeof value === 'string' ? value : null;
}
