/** The kinds of documents that marketers write: where they are found, how large they may be, what is checked of each. */

import type * as z from 'zod';
import type { Env } from '../bindings.ts';
import { checkConditions } from '../engine/check-condition.ts';
import { checkTemplate } from '../engine/check-template.ts';
import { checkTriggerDocument } from '../engine/check-trigger.ts';
import type { Issue } from '../engine/issue.ts';
import { didYouMean } from '../engine/nearest-name.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { within } from '../engine/walk-conditions.ts';
import { type ChannelInput, channelSettingsSchema, MAX_CHANNEL_BYTES } from '../protocol/channel-schema.ts';
import { lookupSchema, MAX_LOOKUP_BYTES } from '../protocol/lookup-schema.ts';
import { MAX_POLICY_BYTES, POLICIES_LATER, POLICY_SCHEMAS } from '../protocol/policy-schema.ts';
import { type Checked, checkDocument, NOT_YET } from '../protocol/schema-kit.ts';
import { MAX_SEGMENT_BYTES, segmentSchema } from '../protocol/segment-schema.ts';
import { MAX_TEMPLATE_BYTES, templateSchema } from '../protocol/template-schema.ts';
import { MAX_TRIGGER_BYTES, triggerSchema } from '../protocol/trigger-schema.ts';
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
  check: (input) => checked(triggerSchema, input, checkTriggerDocument),
};

export const OTHER_DOCUMENTS: readonly DocumentResource[] = [
  {
    kind: 'template',
    path: 'templates',
    maxBytes: MAX_TEMPLATE_BYTES,
    check: (input) => checked(templateSchema, input, checkTemplate),
  },
  {
    kind: 'segment',
    path: 'segments',
    maxBytes: MAX_SEGMENT_BYTES,
    check: (input) => checked(segmentSchema, input, (segment) => checkConditions(within(segment.if, 'if'))),
  },
  {
    kind: 'lookup',
    path: 'lookups',
    maxBytes: MAX_LOOKUP_BYTES,
    check: (input) => checked(lookupSchema, input, () => []),
  },
  {
    kind: 'channel',
    path: 'channels',
    maxBytes: MAX_CHANNEL_BYTES,
    check: (input, env) => checked(channelSettingsSchema, input, (channel) => checkChannel(channel, env)),
  },
  { kind: 'policy', path: 'policies', maxBytes: MAX_POLICY_BYTES, check: checkPolicy },
];

function checked<T>(schema: z.ZodType<T>, input: unknown, check: (document: T) => Issue[]): Checked<T> {
  const result = checkDocument(schema, input);
  if (result.kind === 'invalid') return result;
  const issues = check(result.document);
  return issues.length === 0 ? result : { kind: 'invalid', issues };
}

/** What only development may do: keep rendered content in a log, and call the machine it runs on. */
function checkChannel(channel: ChannelInput, env: Env): Issue[] {
  if (env.ENVIRONMENT === 'development') return [];
  if (channel.provider === 'log') {
    return [{ path: 'provider', message: '`log` is for development: it keeps what people are sent' }];
  }
  const url = String(channel.settings.url);
  return url.startsWith('https://') ? [] : [{ path: 'settings.url', message: 'expected an https URL' }];
}

function checkPolicy(input: JsonObject): Checked<unknown> {
  const id = String(input.id);
  if (Object.hasOwn(POLICY_SCHEMAS, id)) {
    return checkDocument<unknown>(POLICY_SCHEMAS[id as keyof typeof POLICY_SCHEMAS], input);
  }
  const legal = Object.keys(POLICY_SCHEMAS);
  const message = POLICIES_LATER.includes(id)
    ? `the policy \`${id}\` ${NOT_YET}: nothing would keep to it`
    : `there is no policy \`${id}\`; expected one of ${legal.join(', ')}${didYouMean(id, legal)}`;
  return { kind: 'invalid', issues: [{ path: 'id', message }] };
}
