/** A token's name: says whose it is, reveals no secret, and is another after the secret has changed. */
export async function tokenName(provider: string, about: string, secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${provider}\n${secret}`));
  const mark = [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${provider}:${about}:${mark}`;
}
