import type { LinkLanguage } from '../../engine/send/links/unsubscribe-link.ts';

/** The reader's choice on the page, else the message's, else the browser's; else English. */
export function pageLanguage(url: URL, request: Request, linked: LinkLanguage | null): LinkLanguage {
  const chosen = url.searchParams.get('lang');
  if (chosen === 'ko' || chosen === 'en') return chosen;
  return linked ?? acceptedLanguage(request.headers.get('accept-language') ?? '');
}

/** By the order of preference that the header's weights say. */
function acceptedLanguage(header: string): LinkLanguage {
  const ranked = header
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const weight = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((q) => q !== undefined);
      return { language: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => weight > 0 && (language === 'ko' || language === 'en'))
    .sort((a, b) => b.weight - a.weight);
  return ranked[0]?.language === 'ko' ? 'ko' : 'en';
}
