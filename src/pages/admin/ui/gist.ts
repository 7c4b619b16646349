const MAX_GIST = 80;

/** The first words of a message, whatever its channel calls them. */
export function gist(content: { [field: string]: unknown } | null): string {
  const text = content?.title ?? content?.subject ?? content?.text ?? content?.body;
  return typeof text === 'string' ? text.slice(0, MAX_GIST) : '–';
}
