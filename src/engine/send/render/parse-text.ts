/**
 * A Mustache text as a tree. Mustache's own parser reads the text; the tree is rendered by `render-nodes.ts` instead of
 * Mustache's writer, which fills holes with nothing, reads inherited properties and runs functions.
 *
 * Left out on purpose: partials and changed delimiters, so that a text means the same wherever it stands.
 */

import type { TemplateSpans } from 'mustache';
import Mustache from 'mustache';

export const FORMATS = ['money', 'number', 'date', 'url'] as const;
export type Format = (typeof FORMATS)[number];

export type TextNode =
  | { kind: 'text'; text: string }
  | { kind: 'value'; path: string; raw: boolean }
  | { kind: 'section'; path: string; inverted: boolean; nodes: TextNode[] }
  /** `path` where the section holds nothing but one: `{{#money}}item.price{{/money}}`. */
  | { kind: 'format'; format: Format; path: string | null; nodes: TextNode[] };

export type ParsedText = { kind: 'parsed'; nodes: TextNode[] } | { kind: 'malformed'; message: string };

const MAX_DEPTH = 20;
const MAX_TAG_LENGTH = 500;
const PATH = /^[^\s.{}#^/&!>=]+(\.[^\s.{}#^/&!>=]+)*$/;

/** Never throws: what is wrong with the text is the answer. */
export function parseText(text: string): ParsedText {
  const flaw = tagFlaw(text);
  if (flaw) return { kind: 'malformed', message: flaw };
  try {
    return { kind: 'parsed', nodes: toNodes(parseUncached(text), 0) };
  } catch (error) {
    return { kind: 'malformed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Mustache's shared writer keeps every text it has ever seen; one without a cache keeps none. */
function parseUncached(text: string): TemplateSpans {
  const writer = new Mustache.Writer() as InstanceType<typeof Mustache.Writer> & { templateCache: unknown };
  writer.templateCache = undefined;
  return writer.parse(text) as TemplateSpans;
}

/**
 * The parser looks for a tag's end with a pattern that takes quadratic time over blanks; a tag that ends soon keeps it
 * linear.
 */
function tagFlaw(text: string): string | null {
  for (let at = text.indexOf('{{'); at >= 0; ) {
    const tag = text.slice(at, at + MAX_TAG_LENGTH);
    const isTriple = /^\{\{\s*\{/.test(tag);
    const close = isTriple ? '}}}' : '}}';
    const end = tag.indexOf(close, 2);
    if (end < 0) {
      return `the tag at character ${at} has no ${close} within ${MAX_TAG_LENGTH} characters`;
    }
    if (/^\{\{\s*=/.test(tag)) return 'delimiters cannot be changed; tags are written {{…}}';
    at = text.indexOf('{{', at + end + close.length);
  }
  return null;
}

function toNodes(spans: TemplateSpans, depth: number): TextNode[] {
  if (depth > MAX_DEPTH) throw new Error(`sections stand more than ${MAX_DEPTH} deep`);
  return spans.flatMap((span): TextNode[] => {
    const [type, name] = span;
    switch (type) {
      case 'text':
        return [{ kind: 'text', text: name }];
      case 'name':
      case '&':
        return [{ kind: 'value', path: checkedPath(name), raw: type === '&' }];
      case '#':
      case '^':
        return [toSection(name, type === '^', toNodes(span[4] as TemplateSpans, depth + 1))];
      case '!':
        return [];
      default:
        throw new Error(`{{${type}${name}}} is not supported; texts cannot include others`);
    }
  });
}

function toSection(name: string, inverted: boolean, nodes: TextNode[]): TextNode {
  const format = FORMATS.find((known) => known === name);
  if (format === undefined || inverted) {
    return { kind: 'section', path: checkedPath(name), inverted, nodes };
  }
  return { kind: 'format', format, path: onlyPath(nodes), nodes };
}

function onlyPath(nodes: TextNode[]): string | null {
  const [only] = nodes;
  if (nodes.length !== 1 || only?.kind !== 'text') return null;
  const text = only.text.trim();
  return text === '.' || PATH.test(text) ? text : null;
}

function checkedPath(name: string): string {
  if (name === '.' || PATH.test(name)) return name;
  throw new Error(`"${name}" is not a path; write one like {{user.traits.name}}`);
}
