import type { Language } from '../engine/explain/explain-condition.ts';
import type { RequestContext } from '../http/route.ts';
import { loadConfig } from '../store/config-cache.ts';

/** For explanations: `?lang=`, else what the reader's browser asks for, else the workspace's. */
export async function readerLanguage(
  { headers }: Request,
  { env, url }: Pick<RequestContext, 'env' | 'url'>,
): Promise<Language> {
  const wanted = url.searchParams.get('lang') ?? headers.get('accept-language')?.slice(0, 2);
  if (wanted === 'ko' || wanted === 'en') return wanted;
  return (await loadConfig(env)).policies.workspace.locale.startsWith('ko') ? 'ko' : 'en';
}
