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
/** Push services are few, and so are a deployment's providers; more names than this are a stranger's doing. */
const MAX_TOKENS = 200;

/** For one batch, whose messages share one question; batches share what was answered, never a promise. */
export function createTokens(cache: TokenCache, deps: TokensDeps): Tokens {
  const asking = new Map<string, Promise<string>>();
  const limiterOf = (name: string) => deps.limiter(`token:${name}`);
  return {
    async get(name, mint) {
      const known = cache.get(name);
      if (known && isFresh(known, deps.now())) return known.value;
      const asked = asking.get(name) ?? ask(name, mint).finally(() => asking.delete(name));
      asking.set(name, asked);
      return asked;
    },
    async forget(name, value) {
      if (cache.get(name)?.value === value) cache.delete(name);
      await limiterOf(name).forgetToken(value);
    },
  };

  async function ask(name: string, mint: () => Promise<Minted>): Promise<string> {
    const giveUpAt = deps.now() + PATIENCE_MS;
    for (;;) {
      const turn = await limiterOf(name).askToken();
      if (turn.kind === 'yours') return mintFor(name, mint);
      if (turn.kind === 'there') return remember(name, turn.token);
      if (deps.now() >= giveUpAt) throw new Error('the token is being minted elsewhere');
      await deps.sleep(LOOK_AGAIN_MS);
    }
  }

  async function mintFor(name: string, mint: () => Promise<Minted>): Promise<string> {
    const token = await mint();
    await limiterOf(name).keepToken(token);
    return remember(name, token);
  }

  function remember(name: string, token: Minted): string {
    // The newest last, so that the oldest makes room.
    cache.delete(name);
    cache.set(name, token);
    const [oldest] = cache.keys();
    if (cache.size > MAX_TOKENS && oldest !== undefined) cache.delete(oldest);
    return token.value;
  }
}
