/**
 * Documents as they come in: each kind's schema, and what can be said of one document whatever else there is. What it
 * refers to is asked when a trigger goes live.
 */
import type * as z from 'zod';
import { checkConditions } from '../engine/checks/check-condition.ts';
import { checkTemplate } from '../engine/checks/check-template.ts';
import { checkTriggerDocument } from '../engine/checks/check-trigger.ts';
import type { Issue } from '../engine/checks/issue.ts';
import { didYouMean } from '../engine/checks/nearest-name.ts';
import { within } from '../engine/checks/walk-conditions.ts';
import type {
  CapsPolicy,
  GuardrailsPolicy,
  HoldoutPolicy,
  LawPolicy,
  Lookup,
  QuietHoursPolicy,
  ReportsPolicy,
  Segment,
  Template,
  WorkspacePolicy,
} from '../engine/documents.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { lookupSchema } from './lookup-schema.ts';
import { POLICY_SCHEMAS } from './policy-schema.ts';
import { type Checked, checkDocument } from './schema-kit.ts';
import { segmentSchema } from './segment-schema.ts';
import { templateSchema } from './template-schema.ts';
import { triggerSchema } from './trigger-schema.ts';

export type Policy =
  | WorkspacePolicy
  | LawPolicy
  | CapsPolicy
  | HoldoutPolicy
  | QuietHoursPolicy
  | ReportsPolicy
  | GuardrailsPolicy;

export function checkTriggerInput(input: JsonObject): Checked<Trigger> {
  return checkAs(triggerSchema, input, checkTriggerDocument);
}

export function checkTemplateInput(input: JsonObject): Checked<Template> {
  return checkAs(templateSchema, input, checkTemplate);
}

export function checkSegmentInput(input: JsonObject): Checked<Segment> {
  return checkAs(segmentSchema, input, (segment) => checkConditions(within(segment.if, 'if')));
}

export function checkLookupInput(input: JsonObject): Checked<Lookup> {
  return checkAs(lookupSchema, input, () => []);
}

export function checkPolicyInput(input: JsonObject): Checked<Policy> {
  const id = typeof input.id === 'string' ? input.id : JSON.stringify(input.id ?? null);
  if (Object.hasOwn(POLICY_SCHEMAS, id)) {
    return checkDocument<Policy>(POLICY_SCHEMAS[id as keyof typeof POLICY_SCHEMAS], input);
  }
  const legal = Object.keys(POLICY_SCHEMAS);
  const message = `there is no policy \`${id}\`; expected one of ${legal.join(', ')}${didYouMean(id, legal)}`;
  return { kind: 'invalid', issues: [{ path: 'id', message }] };
}

/** The schema first; only what has passed it is looked at more closely. */
export function checkAs<T>(
  schema: z.ZodType<T>,
  input: unknown,
  check: (document: T) => Issue[],
): Checked<T> {
  const result = checkDocument(schema, input);
  if (result.kind === 'invalid') return result;
  const issues = check(result.document);
  return issues.length === 0 ? result : { kind: 'invalid', issues };
}

/** What answers add to a document: ignored where it comes back, so that a document can be read, edited and written. */
const READ_ONLY = [
  'version',
  'status',
  'liveVersion',
  'liveStatus',
  'updatedAt',
  'updatedBy',
  'warnings',
  'hasSecret',
  'callback',
  'health',
  'backfill',
  'guardrail',
];

export function withoutReadOnly(input: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !READ_ONLY.includes(name)));
}
