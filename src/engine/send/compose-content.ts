import type { Policies, Template } from '../documents.ts';
import type { JsonObject, MessageInput } from '../vocabulary.ts';
import { labelAdvertising } from './law/ad-label.ts';
import { tagContent } from './links/tag-content.ts';
import { renderTemplate } from './render/render-template.ts';

type Composed =
  | { kind: 'composed'; locale: string; content: JsonObject }
  | { kind: 'refused'; path: string; message: string };

/**
 * What a frozen input reads like as it leaves: rendered, labelled as the law of the policy wants advertising to be, and its
 * links tagged with the message.
 */
export function composeContent(input: MessageInput, template: Template, policies: Policies): Composed {
  const { workspace, law } = policies;
  const { channel, locale, values, category } = input;
  const format = input.format ?? { currency: workspace.currency, timeZone: workspace.tz };
  const rendered = renderTemplate({ template, channel, locale, values, format });
  if (rendered.kind === 'refused') return rendered;
  const labelled =
    category === 'marketing' ? labelAdvertising(channel, rendered.content, law) : rendered.content;
  const content = input.tagLinks ? tagContent(channel, labelled, input.messageId, values) : labelled;
  return { kind: 'composed', locale: rendered.locale, content };
}
