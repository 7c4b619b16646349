import type { LocaleContent, Template } from '../../documents.ts';
import type { Channel } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';

interface ChosenContent {
  /** The template's own spelling of it. */
  locale: string;
  content: JsonObject;
  defaults: Record<string, string | number> | undefined;
}

/**
 * The texts to use, all of one locale: the reader's (`ko-KR`), else its language (`ko`), else the template's default.
 * A locale without this channel is passed over as a whole. Null where none has it.
 */
export function chooseContent(template: Template, channel: Channel, wanted: string): ChosenContent | null {
  const known = new Map(Object.keys(template.locales).map((locale) => [normalized(locale), locale]));
  for (const candidate of [...narrowToWide(wanted), normalized(template.defaultLocale)]) {
    const locale = known.get(candidate);
    const texts = locale === undefined ? undefined : template.locales[locale];
    const content = texts && contentFor(texts, channel);
    if (locale !== undefined && content) return { locale, content, defaults: texts.defaults };
  }
  return null;
}

/** A card shows in-app content where it has none of its own. */
function contentFor(texts: LocaleContent, channel: Channel): JsonObject | undefined {
  const own = Object.hasOwn(texts, channel) ? texts[channel] : undefined;
  return own ?? (channel === 'card' && Object.hasOwn(texts, 'in_app') ? texts.in_app : undefined);
}

/** `zh-Hant-TW`, `zh-Hant`, `zh`. Clients write `ko_KR` and `KO-kr` too. */
function narrowToWide(locale: string): string[] {
  const parts = normalized(locale).split('-').slice(0, 8);
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'));
}

function normalized(locale: string): string {
  return locale.trim().replaceAll('_', '-').toLowerCase();
}
