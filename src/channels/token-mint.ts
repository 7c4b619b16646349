/**
 * Access tokens and signed claims are made once and used while they last: providers count how often they are asked
 * (APNs refuses more than one in 20 minutes), and a signature costs more than the request that carries it.
 */
export interface TokenMint {
  /**
   * The token of this name, made where there is none or where `ttlMs` has passed. Calls that come while it is being made
   * wait for the same one; a failure reaches all of them and is not kept.
   */
  mint(name: string, ttlMs: number, make: () => Promise<string>): Promise<string>;
  /** The provider no longer takes this token; one that has been made since stays. */
  drop(name: string, token: string): Promise<void>;
}

interface Minted {
  token: Promise<string>;
  untilAt: number;
}

/** Push services are few, and so are a deployment's providers; more names than this are a stranger's doing. */
const MAX_TOKENS = 200;

/** For one isolate: each makes its own tokens. */
export function createTokenMint(now: () => number): TokenMint {
  const minted = new Map<string, Minted>();
  return {
    mint(name, ttlMs, make) {
      const known = minted.get(name);
      if (known && now() < known.untilAt) return known.token;
      const token = make();
      const entry = { token, untilAt: now() + ttlMs };
      // The newest last, so that the oldest makes room.
      minted.delete(name);
      minted.set(name, entry);
      token.catch(() => {
        if (minted.get(name) === entry) minted.delete(name);
      });
      const [oldest] = minted.keys();
      if (minted.size > MAX_TOKENS && oldest !== undefined) minted.delete(oldest);
      return token;
    },
    async drop(name, token) {
      const entry = minted.get(name);
      if (entry && (await entry.token) === token && minted.get(name) === entry) minted.delete(name);
    },
  };
}

/** A token's name: says whose it is, reveals no secret, and is another after the secret has changed. */
export async function tokenName(provider: string, about: string, secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${provider}\n${secret}`));
  const mark = [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${provider}:${about}:${mark}`;
}
