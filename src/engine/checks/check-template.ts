/** What is wrong with a template whatever it is used for: texts that can't be rendered, paths that nothing fills, unsafe links. */

import type { LocaleContent, Template } from '../documents.ts';
import { parseText, type TextNode } from '../send/render/parse-text.ts';
import { templateProblems } from '../send/render/template-problems.ts';
import { CHANNELS, type Channel } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import { linkFault } from './check-link.ts';
import type { Issue } from './issue.ts';
import { nearestName } from './nearest-name.ts';
import { type Refusal, refusedAt } from './refusal.ts';

/** What a text sees; inside a section also whatever the section's value holds. */
const TEMPLATE_ROOTS = [
  'event',
  'user',
  'item',
  'entry',
  'session',
  'lookup',
  'data',
  'message',
  'recommendations',
] as const;

/** Fields whose text an app or a browser opens. */
const LINKS: readonly string[] = ['url', 'imageUrl', 'link'];

export function checkTemplate(template: Template): Issue[] {
  return [
    ...checkLocales(template),
    ...checkDefaults(template.defaults, 'defaults'),
    ...Object.entries(template.locales).flatMap(([locale, content]) =>
      checkDefaults(content.defaults, `locales.${locale}.defaults`),
    ),
    ...templateProblems(template),
    ...textsOf(template).flatMap(checkText),
  ];
}

/** A path that a template's texts read in one channel, outside of sections, and where it is written. */
interface TemplateRead {
  path: string;
  at: string;
}

/** What the default locale's text for a channel (a card: else the in-app one) must be given to be rendered. */
export function templateReads(template: Template, channel: Channel): TemplateRead[] {
  const content = contentFor(template.locales[template.defaultLocale], channel);
  if (content === undefined) return [];
  const at = `locales.${template.defaultLocale}.${channel}`;
  return texts(content, at).flatMap(({ text, path }) => {
    const parsed = parseText(text);
    if (parsed.kind !== 'parsed') return [];
    return pathsOf(parsed.nodes).map((read) => ({ path: read, at: path }));
  });
}

export function contentFor(content: LocaleContent | undefined, channel: Channel): Json | undefined {
  return content?.[channel] ?? (channel === 'card' ? content?.in_app : undefined);
}

function checkLocales({ locales, defaultLocale }: Template): Issue[] {
  const issues: Issue[] = [];
  const names = Object.keys(locales);
  if (!Object.hasOwn(locales, defaultLocale)) {
    const values = { locale: defaultLocale, known: names.join(', ') || 'its keys' };
    issues.push(refusedAt('defaultLocale', { code: 'no_default_locale', values }));
  }
  for (const name of names) {
    const content = locales[name];
    if (content && !CHANNELS.some((channel) => content[channel] !== undefined)) {
      issues.push(refusedAt(`locales.${name}`, { code: 'no_text_at_all' }));
    }
  }
  return issues;
}

function checkDefaults(defaults: Template['defaults'], at: string): Issue[] {
  return Object.keys(defaults ?? {}).flatMap((path) => {
    const fault = rootFault(path);
    return fault === null ? [] : [refusedAt(`${at}.${path}`, fault)];
  });
}

interface PlacedText {
  text: string;
  path: string;
  field: string;
}

function textsOf(template: Template): PlacedText[] {
  return Object.entries(template.locales).flatMap(([locale, content]) =>
    CHANNELS.flatMap((channel) => texts(content[channel] ?? null, `locales.${locale}.${channel}`)),
  );
}

function texts(value: Json, path: string, field = ''): PlacedText[] {
  if (typeof value === 'string') return [{ text: value, path, field }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => texts(child, `${path}.${name}`, name));
}

function checkText({ text, path, field }: PlacedText): Issue[] {
  const parsed = parseText(text);
  // Malformed ones are `templateProblems`'s.
  if (parsed.kind !== 'parsed') return [];
  const issues = pathsOf(parsed.nodes).flatMap((read) => {
    const fault = rootFault(read);
    return fault === null ? [] : [refusedAt(path, fault)];
  });
  const unsafe = LINKS.includes(field) && !path.includes('.webhook.') ? linkFault(text) : null;
  return unsafe === null ? issues : [...issues, refusedAt(path, unsafe)];
}

/** Paths read where nothing but the roots can be seen. What a section holds may be its value's own fields. */
function pathsOf(nodes: TextNode[]): string[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'value':
      case 'section':
        return [node.path];
      case 'format':
        return node.path === null ? pathsOf(node.nodes) : [node.path];
      case 'text':
        return [];
      default:
        return node satisfies never;
    }
  });
}

function rootFault(path: string): Refusal | null {
  const root = path.split('.')[0] ?? '';
  if ((TEMPLATE_ROOTS as readonly string[]).includes(root)) return null;
  const name = path === '.' ? '{{.}}' : `\`${path}\``;
  const values = {
    read: name,
    legal: TEMPLATE_ROOTS.join(', '),
    nearest: nearestName(root, TEMPLATE_ROOTS) ?? '',
  };
  return { code: 'nothing_fills', values };
}
