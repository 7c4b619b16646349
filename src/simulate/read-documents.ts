/** The documents of a simulation, checked as publishing would check them and compiled as they would be in force. */
import { checkTriggerReferences, type KnownDocuments } from '../engine/checks/check-references.ts';
import { checkSegment } from '../engine/checks/check-segment.ts';
import type { Issue } from '../engine/checks/issue.ts';
import { compileConfig } from '../engine/compile/compile-config.ts';
import { type Config, publicUrlOf } from '../engine/config.ts';
import { DEFAULT_POLICIES, type Policies } from '../engine/documents.ts';
import { EVERY_ONE } from '../engine/recommend/item-sample.ts';
import { CHANNELS } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import {
  checkLookupInput,
  checkPolicyInput,
  checkSegmentInput,
  checkTemplateInput,
  checkTriggerInput,
  type Policy,
  withoutReadOnly,
} from '../protocol/document-checks.ts';
import type { Checked } from '../protocol/schema-kit.ts';
import { SimulationInputError } from './input-error.ts';

/** Where a simulated deployment is reached, unless its workspace says otherwise. */
const PUBLIC_URL = 'https://simulation.invalid';

/** As a marketer would publish them. Triggers are activated in this order. */
export interface SimulatedDocuments {
  policies?: unknown[];
  lookups?: unknown[];
  segments?: unknown[];
  templates?: unknown[];
  triggers?: unknown[];
}

/**
 * Throws `SimulationInputError` with everything that publishing them would refuse. User ids are believed (`identity:
 * off`), whatever the policy says: a script has no tokens.
 */
export function readDocuments(input: SimulatedDocuments): Config {
  const issues: Issue[] = [];
  const read = <T>(kind: keyof SimulatedDocuments, check: (document: JsonObject) => Checked<T>): T[] =>
    (input[kind] ?? []).flatMap((document, i) => {
      const checked = check(withoutReadOnly(document as JsonObject));
      if (checked.kind === 'valid') return [checked.document];
      issues.push(...placed(checked.issues, `${kind}.${i}`));
      return [];
    });
  const policies = policiesOf(read('policies', checkPolicyInput));
  const lookups = read('lookups', checkLookupInput);
  const segments = read('segments', checkSegmentInput);
  const templates = read('templates', checkTemplateInput);
  const triggers = read('triggers', checkTriggerInput);
  for (const kind of ['lookups', 'segments', 'templates', 'triggers'] as const) {
    issues.push(...repeated(input[kind] ?? [], kind));
  }
  const known: KnownDocuments = {
    triggers: new Set(triggers.map(({ id }) => id)),
    templates: byId(templates),
    segments: byId(segments),
    lookups: byId(lookups),
    channels: new Set(CHANNELS),
    informational: new Set(),
    law: policies.law,
    publicUrl: publicUrlOf({ policies, publicUrl: PUBLIC_URL }),
  };
  // What refers to a document that was refused would only repeat that.
  if (issues.length === 0) {
    segments.forEach((segment, i) => {
      issues.push(...placed(checkSegment(segment, known.segments), `segments.${i}`));
    });
    triggers.forEach((trigger, i) => {
      issues.push(...placed(checkTriggerReferences(trigger, known).issues, `triggers.${i}`));
    });
  }
  if (issues.length > 0) throw new SimulationInputError('documents', issues);
  const first = <T>(document: T) => ({ document, version: 1 });
  return compileConfig({
    head: 1,
    triggers: triggers.map((document, i) => ({ document, version: 1, state: 'live', activatedAt: i })),
    templates: templates.map(first),
    segments: segments.map(first),
    lookups: lookups.map(first),
    channels: [],
    policies,
    stopped: false,
    logsByDefault: true,
    publicUrl: PUBLIC_URL,
    // A script asks what each of them said.
    triesAll: true,
    // Nor has it a thousand visitors.
    sampling: EVERY_ONE,
  });
}

function policiesOf(documents: Policy[]): Policies {
  const policies: Policies = { ...DEFAULT_POLICIES };
  for (const policy of documents) {
    switch (policy.id) {
      case 'workspace':
        policies.workspace = policy;
        break;
      case 'law':
        policies.law = policy;
        break;
      case 'caps':
        policies.caps = policy;
        break;
      case 'holdout':
        policies.holdout = policy;
        break;
      case 'quiet_hours':
        policies.quietHours = policy;
        break;
      case 'reports':
        policies.reports = policy;
        break;
      case 'guardrails':
        policies.guardrails = policy;
    }
  }
  policies.workspace = { ...policies.workspace, identity: 'off' };
  return policies;
}

function placed(issues: Issue[], at: string): Issue[] {
  return issues.map(({ path, message }) => ({
    path: ['documents', at, path].filter((part) => part !== '').join('.'),
    message,
  }));
}

function repeated(documents: unknown[], kind: string): Issue[] {
  const seen = new Set<unknown>();
  return documents.flatMap((document, i) => {
    const { id } = document as JsonObject;
    if (seen.has(id)) return [{ path: `documents.${kind}.${i}.id`, message: 'is the id of an earlier one' }];
    seen.add(id);
    return [];
  });
}

function byId<T extends { id: string }>(documents: T[]): Map<string, T> {
  return new Map(documents.map((document) => [document.id, document]));
}
