/**
 * Renders a parsed text over values. A hole is never filled with nothing: a tag whose value is missing or blank and has
 * no default refuses the whole text, with the tag's path. Sections are the author's way to say that something may be
 * missing.
 */
import type { Json } from '../../vocabulary.ts';
import { type Context, findCurrency, findValue, isBlank } from './find-value.ts';
import { type Conventions, type Formatted, formatValue } from './format-value.ts';
import type { TextNode } from './parse-text.ts';

export interface Refusal {
  path: string;
  message: string;
}

/** One template being rendered. The first refusal stays; what is rendered after it is thrown away. */
export interface Rendering {
  conventions: Conventions;
  /** By path; the first that has it is used. */
  defaults: readonly { readonly [path: string]: string | number }[];
  refusal: Refusal | null;
  /** Nodes still to be visited: sections over arrays multiply. */
  budget: number;
}

type Encode = (text: string) => string;

const ROOTS = /^(event|user|item|entry|session|lookup|data|message|recommendations)\./;

export function renderNodes(
  nodes: readonly TextNode[],
  context: Context,
  rendering: Rendering,
  encode: Encode,
): string {
  let text = '';
  for (const node of nodes) {
    if (rendering.refusal) return '';
    if (rendering.budget-- <= 0)
      return refuse(rendering, '', 'the text is too long once its sections repeat');
    text += renderNode(node, context, rendering, encode);
  }
  return text;
}

function renderNode(node: TextNode, context: Context, rendering: Rendering, encode: Encode): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'value':
      return renderValue(node.path, context, rendering, node.raw ? asItIs : encode);
    case 'section':
      return renderSection(node, context, rendering, encode);
    case 'format':
      return renderFormat(node, context, rendering, encode);
    default:
      return node satisfies never;
  }
}

function renderValue(path: string, context: Context, rendering: Rendering, encode: Encode): string {
  const value = findOrDefault(path, context, rendering);
  if (value === undefined) return refuseMissing(rendering, path);
  if (!isReadable(value)) {
    return refuse(rendering, path, 'is an object or a list of objects; name the field to show');
  }
  return encode(toText(value));
}

function renderSection(
  { path, inverted, nodes }: Extract<TextNode, { kind: 'section' }>,
  context: Context,
  rendering: Rendering,
  encode: Encode,
): string {
  const value = findValue(context, path);
  const isEmpty = isNothing(value);
  if (inverted) return isEmpty ? renderNodes(nodes, context, rendering, encode) : '';
  if (value === undefined || isEmpty) return '';
  if (value === true) return renderNodes(nodes, context, rendering, encode);
  if (!Array.isArray(value)) return renderNodes(nodes, [...context, value], rendering, encode);
  let text = '';
  for (const element of value) {
    if (rendering.refusal) return '';
    text += renderNodes(nodes, [...context, element], rendering, encode);
  }
  return text;
}

function renderFormat(
  node: Extract<TextNode, { kind: 'format' }>,
  context: Context,
  rendering: Rendering,
  encode: Encode,
): string {
  const path = node.path;
  let formatted: Formatted;
  if (path === null) {
    const text = renderNodes(node.nodes, context, rendering, asItIs);
    if (rendering.refusal) return '';
    if (isBlank(text)) return refuse(rendering, node.format, 'has nothing to format');
    formatted = formatValue(node.format, text, rendering.conventions, null);
  } else {
    const value = findOrDefault(path, context, rendering) ?? literal(node.format, path);
    if (value === undefined) return refuseMissing(rendering, path);
    const currency = findCurrency(context, path);
    const beside = typeof currency === 'string' && !isBlank(currency) ? currency : null;
    formatted = formatValue(node.format, value, rendering.conventions, beside);
  }
  if (formatted.kind === 'unfit') return refuse(rendering, path ?? node.format, formatted.message);
  return encode(formatted.text);
}

/** A section's text may be a path or the value itself: `{{#url}}실반지{{/url}}`, `{{#number}}1200{{/number}}`. */
function literal(format: string, text: string): Json | undefined {
  if (format === 'url') return ROOTS.test(text) || text === '.' ? undefined : text;
  return /^\d/.test(text) ? text : undefined;
}

function findOrDefault(path: string, context: Context, rendering: Rendering): Json | undefined {
  const value = findValue(context, path);
  if (value !== undefined && !isHole(value)) return value;
  for (const defaults of rendering.defaults) {
    if (!Object.hasOwn(defaults, path)) continue;
    const standIn = defaults[path];
    if (standIn !== undefined && !isHole(standIn)) return standIn;
  }
  return undefined;
}

function isHole(value: Json): boolean {
  if (value === null) return true;
  if (typeof value === 'string') return isBlank(value);
  return Array.isArray(value) && (value.length === 0 || value.some((element) => isHole(element)));
}

/** Mustache's falsy values, and texts that look like nothing. */
function isNothing(value: Json | undefined): boolean {
  if (!value) return true;
  if (typeof value === 'string') return isBlank(value);
  return Array.isArray(value) && value.length === 0;
}

function isReadable(value: Json): boolean {
  if (Array.isArray(value)) return value.every((element) => typeof element !== 'object');
  return typeof value !== 'object';
}

function toText(value: Json): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function asItIs(text: string): string {
  return text;
}

function refuseMissing(rendering: Rendering, path: string): string {
  return refuse(
    rendering,
    path,
    'is missing or blank and has no default; add one to `defaults`, or put the text in a section that may be empty',
  );
}

function refuse(rendering: Rendering, path: string, message: string): string {
  rendering.refusal ??= { path, message: path === '' ? message : `${path} ${message}` };
  return '';
}
