/** Rows of one text: what it reads like, or which path refuses it. */
import { aTrigger } from '../../src/engine/testing/builders.ts';
import { traceOf, VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import type { Json, JsonObject } from '../../src/engine/vocabulary.ts';
import { configOf } from './case-documents.ts';
import { type CaseEvent, receive } from './case-profile.ts';

export interface TemplateCase {
  text?: string;
  /** Locale → the text in it. */
  locales?: Record<string, string>;
  defaults?: JsonObject;
  localeDefaults?: Record<string, JsonObject>;
  /** The user's. */
  locale?: string;
  traits?: JsonObject;
  event?: CaseEvent;
  expect: string | { refused: string };
}

export function renderCase(row: TemplateCase): Json | { refused: string } {
  const { text = '', locales = { ko: text }, defaults, localeDefaults = {}, locale, traits } = row;
  const contents = Object.entries(locales).map(([name, body]) => [
    name,
    {
      in_app: { layout: 'modal', body },
      ...(localeDefaults[name] && { defaults: localeDefaults[name] }),
    },
  ]);
  const template = {
    id: 'hello',
    defaultLocale: 'ko',
    locales: Object.fromEntries(contents),
    ...(defaults && { defaults }),
  };
  const trigger = { ...aTrigger({ entry: { on: [{ event: 'Ask' }] } }) } as unknown as JsonObject;
  const profile = new VirtualProfile({ config: configOf({ triggers: [trigger], templates: [template] }) });
  if (traits) profile.identify(traits);
  const context = locale === undefined ? {} : { context: { locale } };
  const said = traceOf(receive(profile, { ...row.event, ...context }));
  if (said?.reason === 'render_error') return { refused: said.path?.replace(/^steps\.show\./, '') ?? '' };
  return profile.inbox()[0]?.content.body ?? null;
}
