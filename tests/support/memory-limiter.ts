/** Limiters without their object: the same decisions, over a state in memory, and every lease counted. */
import { EMPTY_LEDGER, takeMoney } from '../../src/engine/limits/budget-ledger.ts';
import {
  type LeaseRequest,
  type LeaseResult,
  type Limits,
  lease,
  noLimits,
} from '../../src/engine/limits/lease.ts';
import { askFor, EMPTY_MINT, forget, keep } from '../../src/engine/limits/mint.ts';
import type { LimiterRpc } from '../../src/protocol/rpc.ts';

export function limiters(now: () => number) {
  const all = new Map<string, LimiterRpc>();
  const calls: { name: string; request: LeaseRequest; result: LeaseResult }[] = [];
  const state = {
    calls,
    isDown: false,
    of(name: string): LimiterRpc {
      const limiter = all.get(name) ?? aLimiter(name);
      all.set(name, limiter);
      return limiter;
    },
  };
  return state;

  function aLimiter(name: string): LimiterRpc {
    let limits: Limits = noLimits(now());
    let mint = EMPTY_MINT;
    let ledger = EMPTY_LEDGER;
    return {
      async lease(request) {
        if (state.isDown) throw new Error('the limiter is down');
        const answered = lease(limits, request, now());
        limits = answered.limits;
        calls.push({ name, request, result: answered.result });
        return answered.result;
      },
      async spend(request) {
        if (state.isDown) throw new Error('the limiter is down');
        const taken = takeMoney(ledger, request);
        ledger = taken.ledger;
        return taken.result;
      },
      health: () => Promise.reject(new Error('nobody asks here')),
      async askToken() {
        const asked = askFor(mint, now());
        mint = asked.mint;
        return asked.turn;
      },
      async keepToken(token) {
        mint = keep(token);
      },
      async forgetToken(value) {
        mint = forget(mint, value);
      },
    };
  }
}
