/** Small valid documents to build lives on: each test states what matters to it and nothing else. */
import { compileConfig } from '../compile/compile-config.ts';
import type { Config, LiveDocuments, LiveTrigger } from '../config.ts';
import type { Lookup, Segment, Template } from '../documents.ts';
import type { Condition, SendStep, Step, Trigger } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';

/** Listens to `Hello` and shows an in-app message each time, unless told otherwise. */
export function aTrigger(
  changes: Partial<Omit<Trigger, 'entry'>> & { entry?: Partial<Trigger['entry']> } = {},
): Trigger {
  return {
    id: 'hello',
    category: 'marketing',
    reeligibility: { mode: 'always' },
    steps: [send()],
    ...changes,
    entry: { on: [{ event: 'Hello' }], ...changes.entry },
  };
}

/** The same trigger, judged by one condition at entry. */
export function aTriggerIf(condition: Condition, changes: Parameters<typeof aTrigger>[0] = {}): Trigger {
  return aTrigger({ ...changes, entry: { ...changes.entry, if: condition } });
}

export function send(changes: Partial<SendStep> & { id?: string } = {}): Step {
  const { id = 'show', ...rest } = changes;
  return { id, send: { channels: ['in_app'], template: 'hello', ...rest } };
}

/** Has a text for every channel. */
export function aTemplate(changes: Partial<Template> = {}, body = 'Hello'): Template {
  const text = { text: body };
  const push = { title: 'Title', body };
  const inApp = { layout: 'modal', title: 'Title', body };
  return {
    id: 'hello',
    defaultLocale: 'ko',
    locales: {
      ko: {
        in_app: inApp,
        push,
        web_push: push,
        email: { subject: 'Subject', html: `<p>${body}</p>`, text: body },
        sms: text,
        lms: text,
        kakao_info: { templateCode: 'T1', ...text },
        kakao_brand: { bubble: 'text', ...text },
        line: text,
        whatsapp: { templateName: 't1', language: 'ko' },
        webhook: { data: { body } },
      },
    },
    ...changes,
  };
}

export interface Published
  extends Partial<Omit<LiveDocuments, 'triggers' | 'templates' | 'segments' | 'lookups'>> {
  /** Activated in this order; a bare document is live in version 1. */
  triggers?: (Trigger | LiveTrigger)[];
  /** In version 1. Without one there is `aTemplate()`. */
  templates?: Template[];
  segments?: Segment[];
  lookups?: Lookup[];
}

/** What is in force; every channel can be sent on. */
export function aConfig(published: Published = {}): Config {
  const { triggers = [], templates = [aTemplate()], segments = [], lookups = [], ...rest } = published;
  return compileConfig({
    head: 1,
    channels: [],
    policies: {},
    stopped: false,
    logsByDefault: true,
    publicUrl: 'https://edge.example.com',
    ...rest,
    triggers: triggers.map((trigger, i) =>
      'document' in trigger ? trigger : live(trigger, { activatedAt: i }),
    ),
    templates: templates.map((document) => ({ document, version: 1 })),
    segments: segments.map((document) => ({ document, version: 1 })),
    lookups: lookups.map((document) => ({ document, version: 1 })),
  });
}

export function live(document: Trigger, changes: Partial<Omit<LiveTrigger, 'document'>> = {}): LiveTrigger {
  return { document, version: 1, state: 'live', activatedAt: 0, ...changes };
}

/** Properties of an event about these products: the list, and of a single one its fields beside it. */
export function products(...ids: (string | JsonObject)[]): JsonObject {
  const list = ids.map((product) => (typeof product === 'string' ? { product_id: product } : product));
  return { ...(list.length === 1 ? list[0] : {}), products: list };
}
