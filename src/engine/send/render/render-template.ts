/**
 * A template's content for one channel and reader. The same input gives the same bytes, today and on every attempt:
 * what is due is rendered at the decision, which may refuse it, and again by the dispatcher.
 */
import Mustache from 'mustache';
import type { Template } from '../../documents.ts';
import type { Channel } from '../../trigger.ts';
import type { Json, JsonObject } from '../../vocabulary.ts';
import { chooseContent } from './choose-locale.ts';
import type { Context } from './find-value.ts';
import { type ParsedText, parseText } from './parse-text.ts';
import { type Rendering, renderNodes } from './render-nodes.ts';

interface RenderInput {
  /** Immutable: its parsed texts are remembered for as long as the document itself is. */
  template: Template;
  channel: Channel;
  /** The reader's. */
  locale: string;
  /** What tags see: `{ event, user, item, entry, lookup, data, message, … }`. */
  values: JsonObject;
  /** `currency` where a price names none; `timeZone` is the reader's. */
  format: { currency: string; timeZone: string };
}

type RenderResult =
  | { kind: 'rendered'; locale: string; content: JsonObject }
  /** `path` is the value that is missing or unfit, or else the text in the template. */
  | { kind: 'refused'; path: string; message: string };

const MAX_NODES = 50_000;
const MAX_CHARACTERS = 400_000;
/** How deep a channel's content may nest. */
export const MAX_CONTENT_DEPTH = 12;

const parsedTexts = new WeakMap<Template, Map<string, ParsedText>>();

/** Never throws. */
export function renderTemplate(input: RenderInput): RenderResult {
  const { template, channel, values } = input;
  const chosen = chooseContent(template, channel, input.locale);
  if (!chosen) {
    return {
      kind: 'refused',
      path: `locales.${input.locale}.${channel}`,
      message: `template ${template.id} has no ${channel} text in ${input.locale} or ${template.defaultLocale}`,
    };
  }
  const rendering: Rendering = {
    conventions: { ...input.format, locale: formatLocale(input.locale, chosen.locale) },
    defaults: [chosen.defaults ?? {}, template.defaults ?? {}],
    refusal: null,
    budget: MAX_NODES,
  };
  const page: Page = { template, channel, rendering, context: [values], characters: 0 };
  const content = renderJson(page, chosen.content, `locales.${chosen.locale}.${channel}`, 0);
  if (rendering.refusal) return { kind: 'refused', ...rendering.refusal };
  return { kind: 'rendered', locale: chosen.locale, content: content as JsonObject };
}

interface Page {
  template: Template;
  channel: Channel;
  rendering: Rendering;
  context: Context;
  characters: number;
}

/** Strings are rendered, at any depth; everything else stands as it is. */
function renderJson(page: Page, value: Json, at: string, depth: number): Json {
  if (page.rendering.refusal) return null;
  if (typeof value === 'string') return renderString(page, value, at);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_CONTENT_DEPTH) {
    page.rendering.refusal = { path: at, message: `${at} is nested more than ${MAX_CONTENT_DEPTH} deep` };
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((element, i) => renderJson(page, element, `${at}.${i}`, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, renderJson(page, field, `${at}.${name}`, depth + 1)]),
  );
}

function renderString(page: Page, text: string, at: string): string {
  if (!text.includes('{{')) return text;
  const parsed = parseOnce(page.template, text);
  if (parsed.kind === 'malformed') {
    page.rendering.refusal = { path: at, message: `${at}: ${parsed.message}` };
    return '';
  }
  const encode = isHtml(page.channel, at) ? escapeHtml : asItIs;
  const rendered = renderNodes(parsed.nodes, page.context, page.rendering, encode);
  page.characters += rendered.length;
  if (page.characters > MAX_CHARACTERS) {
    page.rendering.refusal ??= {
      path: at,
      message: `${at} renders to more than ${MAX_CHARACTERS} characters`,
    };
  }
  return rendered;
}

/** At most as many entries as the document has texts. */
function parseOnce(template: Template, text: string): ParsedText {
  let texts = parsedTexts.get(template);
  if (!texts) {
    texts = new Map();
    parsedTexts.set(template, texts);
  }
  let parsed = texts.get(text);
  if (!parsed) {
    parsed = parseText(text);
    texts.set(text, parsed);
  }
  return parsed;
}

function isHtml(channel: Channel, at: string): boolean {
  return (channel === 'email' || channel === 'in_app' || channel === 'card') && at.endsWith('.html');
}

function escapeHtml(text: string): string {
  return Mustache.escape(text);
}

function asItIs(text: string): string {
  return text;
}

/**
 * `en-GB` where the texts are `en`: the same language, as this reader writes dates. Never another language's form, and
 * never what Intl would refuse: some clients report `en-US@posix`.
 */
function formatLocale(wanted: string, chosen: string): string {
  const reader = wanted.trim().replaceAll('_', '-');
  const own = chosen.replaceAll('_', '-');
  return reader.toLowerCase().startsWith(`${own.toLowerCase()}-`) && isLanguageTag(reader) ? reader : own;
}

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
