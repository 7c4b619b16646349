/** The address that a deployment is reached at: of https, or on this machine of http; a path may stand behind the host. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export function isPublicUrl(text: string): boolean {
  // Written as it is meant: what the parser would mend (blanks, backslashes) is not.
  if (!/^https?:\/\/[^\s/\\?#@"'<>]+(\/[\w.~/-]*)?$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK.includes(hostname);
}

/** As links are built on it; undefined for what is none. */
export function readPublicUrl(text: string | undefined): string | undefined {
  return text !== undefined && isPublicUrl(text) ? text.replace(/\/+$/, '') : undefined;
}
