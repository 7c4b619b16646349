import type { Config } from '../config.ts';
import type { LawPolicy, Template } from '../documents.ts';
import type { JsonObject, MessageInput } from '../vocabulary.ts';
import { labelAdvertising } from './law/ad-label.ts';
import { addEmailFooter } from './law/email-footer.ts';
import { tagContent } from './links/tag-content.ts';
import { linksOf } from './links/unsubscribe-link.ts';
import { renderTemplate } from './render/render-template.ts';

/** What of the configuration in force shapes a message that was decided before. */
export type Composing = Pick<Config, 'policies' | 'channels'>;

type Composed =
  | { kind: 'composed'; locale: string; content: JsonObject }
  | { kind: 'refused'; path: string; message: string };

/**
 * What a frozen input reads like as it leaves: rendered, labelled as the law of the policy wants advertising to be, and its
 * links tagged with the message. A marketing e-mail without a way out is refused: it was decided where none was known.
 */
export function composeContent(input: MessageInput, template: Template, config: Composing): Composed {
  const { workspace } = config.policies;
  const { channel, locale, values } = input;
  const format = input.format ?? { currency: workspace.currency, timeZone: workspace.tz };
  const rendered = renderTemplate({ template, channel, locale, values, format });
  if (rendered.kind === 'refused') return rendered;
  const labelled = labelAsLawAsks(input, rendered.content, config);
  if (labelled === null) {
    return { kind: 'refused', path: 'message.unsubscribeUrl', message: 'a marketing e-mail needs one' };
  }
  const content = input.tagLinks ? tagContent(channel, labelled, input.messageId, values) : labelled;
  return { kind: 'composed', locale: rendered.locale, content };
}

/** Null where the law asks for what the message hasn't got. */
function labelAsLawAsks(
  { channel, category, values }: MessageInput,
  content: JsonObject,
  { policies, channels }: Composing,
): JsonObject | null {
  if (category !== 'marketing') return content;
  const law = lawOf(policies.law, channels);
  const labelled = labelAdvertising(channel, content, law);
  if (channel !== 'email') return labelled;
  const links = linksOf(values);
  return links && addEmailFooter(labelled, law, links.unsubscribeUrl);
}

/** The sender's e-mail address is the one that the channel sends from, unless the policy names another. */
function lawOf(law: LawPolicy, channels: Composing['channels']): LawPolicy {
  const from = channels.get('email')?.settings.from;
  const [address] = typeof from === 'string' ? (/[^\s<>]+@[^\s<>]+/.exec(from) ?? []) : [];
  return address === undefined ? law : { ...law, sender: { email: address, ...law.sender } };
}
