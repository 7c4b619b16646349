import type { Template } from '../../documents.ts';
import type { Round } from '../../round.ts';
import type { Channel } from '../../trigger.ts';
import { mentionsLinks } from '../template-values.ts';
import { languageOf, type MessageLinks, unsignedLinks } from './unsubscribe-link.ts';

interface About {
  messageId: string;
  channel: Channel;
  category: 'marketing' | 'transactional';
  /** The recipient's. */
  locale: string;
}

/**
 * The links to freeze with a message: where its texts or the law ask for them, and only of what leaves the app. Null where
 * the law does and nobody has said where this deployment is reached.
 */
export function messageLinks(
  { config: { publicUrl }, draft }: Pick<Round, 'config' | 'draft'>,
  template: Template,
  { messageId, channel, category, locale }: About,
): Partial<MessageLinks> | null {
  const isInApp = channel === 'in_app' || channel === 'card';
  const isNeeded = channel === 'email' && category === 'marketing';
  if (publicUrl === null) return isNeeded ? null : {};
  if (isInApp || !(isNeeded || mentionsLinks(template))) return {};
  const { key: profileKey } = draft.meta;
  return unsignedLinks(publicUrl, { channel, language: languageOf(locale), profileKey, messageId });
}
