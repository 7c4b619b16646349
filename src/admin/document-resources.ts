/** The kinds of documents that marketers write: where they are found, how large they may be, what is checked of each. */

import type { Env } from '../bindings.ts';
import type { Issue } from '../engine/checks/issue.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { type ChannelInput, channelSettingsSchema, MAX_CHANNEL_BYTES } from '../protocol/channel-schema.ts';
import {
  checkAs,
  checkLookupInput,
  checkPolicyInput,
  checkSegmentInput,
  checkTemplateInput,
  checkTriggerInput,
} from '../protocol/document-checks.ts';
import { MAX_LOOKUP_BYTES } from '../protocol/lookup-schema.ts';
import { MAX_POLICY_BYTES } from '../protocol/policy-schema.ts';
import { checkPublicUrl } from '../protocol/public-address.ts';
import type { Checked } from '../protocol/schema-kit.ts';
import { MAX_SEGMENT_BYTES } from '../protocol/segment-schema.ts';
import { MAX_TEMPLATE_BYTES } from '../protocol/template-schema.ts';
import { MAX_TRIGGER_BYTES } from '../protocol/trigger-schema.ts';
import type { DocumentKind } from '../store/document-state.ts';

export interface DocumentResource {
  kind: DocumentKind;
  /** Under `/admin/api/`. */
  path: string;
  maxBytes: number;
  /** The document itself, whatever else there is. */
  check(input: JsonObject, env: Env): Checked<unknown>;
}

export const TRIGGERS: DocumentResource = {
  kind: 'trigger',
  path: 'triggers',
  maxBytes: MAX_TRIGGER_BYTES,
  check: checkTriggerInput,
};

export const OTHER_DOCUMENTS: readonly DocumentResource[] = [
  {
    kind: 'template',
    path: 'templates',
    maxBytes: MAX_TEMPLATE_BYTES,
    check: checkTemplateInput,
  },
  {
    kind: 'segment',
    path: 'segments',
    maxBytes: MAX_SEGMENT_BYTES,
    check: checkSegmentInput,
  },
  {
    kind: 'lookup',
    path: 'lookups',
    maxBytes: MAX_LOOKUP_BYTES,
    check: checkLookupInput,
  },
  {
    kind: 'channel',
    path: 'channels',
    maxBytes: MAX_CHANNEL_BYTES,
    check: (input, env) => checkAs(channelSettingsSchema, input, (channel) => checkChannel(channel, env)),
  },
  { kind: 'policy', path: 'policies', maxBytes: MAX_POLICY_BYTES, check: checkPolicyInput },
];

/** What only development may do: keep rendered content in a log, and call the machine it runs on. */
function checkChannel(channel: ChannelInput, env: Env): Issue[] {
  if (env.ENVIRONMENT === 'development') return [];
  if (channel.provider === 'log') {
    return [{ path: 'provider', message: '`log` is for development: it keeps what people are sent' }];
  }
  const { url, endpoint } = channel.settings;
  const issues: Issue[] = [];
  if (endpoint !== undefined) {
    const message = 'is for development: what is sent goes to the provider itself, whose address is known';
    issues.push({ path: 'settings.endpoint', message });
  }
  const verdict = url === undefined ? null : checkPublicUrl(String(url), { allowLoopback: false });
  if (verdict?.kind === 'refused') issues.push({ path: 'settings.url', message: verdict.message });
  return issues;
}
