/** Providers' access tokens: kept in the isolate, minted by one sender for all, with the limiter saying whose turn it is. */
import type { Tokens } from '../channels/channel.ts';
import { isFresh, type Minted } from '../engine/limits/mint.ts';
import type { LimiterRpc } from '../protocol/rpc.ts';

interface TokensDeps {
  limiter(name: string): Pick<LimiterRpc, 'askToken' | 'keepToken' | 'forgetToken'>;
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** An isolate's, by name. */
export type TokenCache = Map<string, Minted>;

const LOOK_AGAIN_MS = 200;
/** Well within a message's lease. */
const PATIENCE_MS = 8_000;

export function createTokens(cache: TokenCache, deps: TokensDeps): Tokens {
  const limiterOf = (name: string) => deps.limiter(`token:${name}`);
  return {
    async get(name, mint) {
      const known = cache.get(name);
      if (known && isFresh(known, deps.now())) return known.value;
      const giveUpAt = deps.now() + PATIENCE_MS;
      for (;;) {
        const turn = await limiterOf(name).askToken();
        if (turn.kind === 'yours') return mintFor(name, mint);
        if (turn.kind === 'there') {
          cache.set(name, turn.token);
          return turn.token.value;
        }
        if (deps.now() >= giveUpAt) throw new Error('the token is being minted elsewhere');
        await deps.sleep(LOOK_AGAIN_MS);
      }
    },
    async forget(name, value) {
      if (cache.get(name)?.value === value) cache.delete(name);
      await limiterOf(name).forgetToken(value);
    },
  };

  async function mintFor(name: string, mint: () => Promise<Minted>): Promise<string> {
    const token = await mint();
    cache.set(name, token);
    await limiterOf(name).keepToken(token);
    return token.value;
  }
}
