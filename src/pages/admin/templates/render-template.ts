/**
 * A template as its reader would get it: played by the server's own simulation for one imagined user who has agreed to
 * everything, so that labels, opt-outs and refusals are those of real messages. Nothing is stored or sent.
 */
import type { Template } from '../../../engine/documents.ts';
import { ApiFault, call, type Page } from '../api.ts';
import { ownFields } from '../documents/own-fields.ts';
import type { Rendered } from '../ui/message-view.tsx';
import type { Samples } from './sample-values.ts';

interface Report {
  messages: { message: { channel: string; layout: string; content: Rendered['content'] } }[];
  deliveries: { channel: string; content: Rendered['content'] | null }[];
  decisions: { reason: string }[];
}

const NOON = '2027-03-02T12:00:00+09:00';
const SHOWN = ['in_app', 'card'];

/** Throws what the API refuses, with paths inside the template. */
export async function renderTemplate(
  template: Template,
  channel: string,
  locale: string,
  samples: Samples,
): Promise<Rendered> {
  const policies = await call<Page<{ id: string }>>('GET', 'policies');
  const filled = { ...template, id: 'preview', defaults: { ...samples, ...template.defaults } };
  const report = await call<Report>('POST', 'simulate', {
    documents: {
      policies: policies.items.filter(({ id }) => id === 'law' || id === 'workspace').map(ownFields),
      templates: [filled],
      triggers: [triggerFor(channel)],
    },
    life: lifeFor(channel, locale),
  }).catch((error) => {
    throw error instanceof ApiFault ? withOwnPaths(error) : error;
  });
  const message = SHOWN.includes(channel) ? report.messages.at(0)?.message : report.deliveries.at(0);
  if (message?.content) return { ...message, content: message.content };
  const reason = report.decisions.at(-1)?.reason ?? 'render_error';
  throw new ApiFault(422, reason, `${reason}: ${channel}, ${locale}`, []);
}

function triggerFor(channel: string) {
  return {
    id: 'preview',
    category: 'marketing',
    entry: { on: [{ event: 'Preview' }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'send', send: { channels: [channel], template: 'preview' } }],
  };
}

function lifeFor(channel: string, locale: string) {
  const userId = 'preview';
  const consent = { channel: consentOf(channel), purpose: 'marketing', granted: true };
  const agree = { method: 'PUT', path: `/v1/profiles/${userId}/consents`, body: consent };
  const track = { userId, event: 'Preview' };
  return [
    { at: NOON, call: { method: 'POST', path: '/v1/identify', body: { userId, traits: { locale } } } },
    ...(SHOWN.includes(channel) ? [] : [{ at: NOON, call: agree }]),
    { at: NOON, call: { method: 'POST', path: '/v1/track?sync=1', body: track } },
  ];
}

function consentOf(channel: string): string {
  if (channel === 'lms') return 'sms';
  return channel.startsWith('kakao') ? 'kakao' : channel;
}

function withOwnPaths({ status, code, message, issues }: ApiFault): ApiFault {
  const own = issues.map((issue) => ({
    ...issue,
    path: issue.path.replace(/^(documents\.)?templates\.(0|preview)\.?/, ''),
  }));
  return new ApiFault(status, code, message, own);
}
