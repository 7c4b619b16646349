import type { Lookup, Template } from '../../../engine/documents.ts';
import type { Trigger } from '../../../engine/trigger.ts';
import type { Both } from '../language.ts';

/** A question that a recipe can't answer itself. */
export interface Ask {
  id: string;
  label: Both;
  hint?: Both;
  /** What most would answer. */
  initial: string;
  kind?: 'text' | 'number' | 'instant' | 'rows';
}

export type Answers = Record<string, string>;

/** What a recipe makes. Ids are proposals: where one is taken, another is chosen. */
export interface Made {
  trigger: Trigger;
  template: Template;
  lookup?: Lookup;
}

export interface Recipe {
  id: string;
  title: Both;
  /** What it does for whom, in a sentence. */
  what: Both;
  channel: 'in_app' | 'push';
  asks: readonly Ask[];
  make(answers: Answers): Made;
}

/** A question with a link for an answer, as most recipes have one. */
export function linkAsk(initial: string): Ask {
  return {
    id: 'link',
    label: { en: 'Where the button leads', ko: '버튼이 여는 주소' },
    initial,
  };
}

export function inAppTemplate(
  id: string,
  layout: 'modal' | 'banner' | 'slideup',
  url: string,
  texts: Record<'ko' | 'en', { title: string; body: string; button: string }>,
): Template {
  const content = ({ title, body, button }: { title: string; body: string; button: string }) => ({
    in_app: { layout, title, body, buttons: [{ id: 'go', text: button, action: { type: 'open', url } }] },
  });
  return { id, defaultLocale: 'ko', locales: { ko: content(texts.ko), en: content(texts.en) } };
}

export function pushTemplate(
  id: string,
  link: string,
  texts: Record<'ko' | 'en', { title: string; body: string; name?: string }>,
): Template {
  const content = ({ title, body, name }: { title: string; body: string; name?: string }) => ({
    push: { title, body, link },
    ...(name && { defaults: { 'user.traits.name': name } }),
  });
  return { id, defaultLocale: 'ko', locales: { ko: content(texts.ko), en: content(texts.en) } };
}
