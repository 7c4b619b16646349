/**
 * Links by which a recipient stops advertising (contract of templates: `message.unsubscribeUrl`, `message.preferencesUrl`):
 * they lead back to the deployment, which has to know its own address; and what is shown inside the app has none.
 */
import type { Template } from '../documents.ts';
import type { Channel } from '../trigger.ts';
import { templateReads } from './check-template.ts';

const WHERE =
  'expected `publicUrl` in the policy `workspace`, or `PUBLIC_URL` of the deployment, such as `https://edge.example.com`';
const LINKS = ['message.unsubscribeUrl', 'message.preferencesUrl'];

/** Why advertising on the channel could not be stopped by its recipient; null where it could. */
export function optOutFault(channel: Channel, publicUrl: string | null): string | null {
  if (channel !== 'email' || publicUrl !== null) return null;
  return `a marketing e-mail carries a link to unsubscribe, and nobody has said where this deployment is reached; ${WHERE}`;
}

/** Links that the template reads and that the channel's messages can't have. */
export function linkFaults(template: Template, channel: Channel, publicUrl: string | null): string[] {
  const isInApp = channel === 'in_app' || channel === 'card';
  if (!isInApp && publicUrl !== null) return [];
  return templateReads(template, channel)
    .filter(({ path }) => LINKS.includes(path))
    .map(({ path, at }) => {
      const text = `template \`${template.id}\` reads \`${path}\` (\`${at}\`)`;
      return isInApp ? `${text}, which only messages have that leave the app` : `${text}; ${WHERE}`;
    });
}
