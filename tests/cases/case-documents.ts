/** The documents that a row names, checked as the admin API checks them and compiled as a deployment compiles them. */
import type { Config } from '../../src/engine/config.ts';
import type { Policies, Template } from '../../src/engine/documents.ts';
import { aConfig, aTemplate } from '../../src/engine/testing/builders.ts';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import {
  checkLookupInput,
  checkPolicyInput,
  checkSegmentInput,
  checkTemplateInput,
  checkTriggerInput,
} from '../../src/protocol/document-checks.ts';
import type { Checked } from '../../src/protocol/schema-kit.ts';

export interface CaseDocuments {
  triggers?: JsonObject[];
  templates?: JsonObject[];
  segments?: JsonObject[];
  lookups?: JsonObject[];
  policies?: JsonObject[];
}

const POLICY_FIELDS = {
  quiet_hours: 'quietHours',
  workspace: 'workspace',
  law: 'law',
  caps: 'caps',
} as const;

/** A row's own kinds of documents stand in for its file's. Rows may name the template `plain` without writing it. */
export function configOf(ofFile: CaseDocuments = {}, ofRow: CaseDocuments = {}): Config {
  const documents = { ...ofFile, ...ofRow };
  const policies: Partial<Record<keyof Policies, unknown>> = {};
  for (const input of documents.policies ?? []) {
    const policy = valid(checkPolicyInput(input), input);
    policies[POLICY_FIELDS[policy.id as keyof typeof POLICY_FIELDS]] = policy;
  }
  const plain: Template = aTemplate({ id: 'plain' });
  return aConfig({
    triggers: (documents.triggers ?? []).map((input) => valid(checkTriggerInput(input), input)),
    templates: [
      plain,
      ...(documents.templates ?? []).map((input) => valid(checkTemplateInput(input), input)),
    ],
    segments: (documents.segments ?? []).map((input) => valid(checkSegmentInput(input), input)),
    lookups: (documents.lookups ?? []).map((input) => valid(checkLookupInput(input), input)),
    policies: policies as Partial<Policies>,
  });
}

/** A row whose document could not be published proves nothing. */
function valid<T>(checked: Checked<T>, input: JsonObject): T {
  if (checked.kind === 'valid') return checked.document;
  throw new Error(`${JSON.stringify(input)} can't be published: ${JSON.stringify(checked.issues)}`);
}
