/**
 * Links by which a recipient stops advertising (contract of templates: `message.unsubscribeUrl`, `message.preferencesUrl`):
 * they lead back to the deployment, which has to know its own address; and what is shown inside the app has none.
 */
import type { Template } from '../documents.ts';
import type { Channel } from '../trigger.ts';
import { templateReads } from './check-template.ts';
import type { Refusal } from './refusal.ts';

const LINKS = ['message.unsubscribeUrl', 'message.preferencesUrl'];

/** Why advertising on the channel could not be stopped by its recipient; null where it could. */
export function optOutFault(channel: Channel, publicUrl: string | null): Refusal | null {
  return channel === 'email' && publicUrl === null ? { code: 'no_public_url' } : null;
}

/** Links that the template reads and that the channel's messages can't have. */
export function linkFaults(template: Template, channel: Channel, publicUrl: string | null): Refusal[] {
  const isInApp = channel === 'in_app' || channel === 'card';
  if (!isInApp && publicUrl !== null) return [];
  return templateReads(template, channel)
    .filter(({ path }) => LINKS.includes(path))
    .map(({ path: read, at }) => {
      const code = isInApp ? 'reads_opt_out_in_app' : 'reads_opt_out';
      return { code, values: { template: template.id, read, at } };
    });
}
