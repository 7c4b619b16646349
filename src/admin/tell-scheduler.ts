import type { RequestContext } from '../http/route.ts';
import { schedulerStub } from '../protocol/stubs.ts';

const ATTEMPTS = 2;

/**
 * After a change of what is live: broadcasts are planned by it. The change is in force already, so that nothing that goes
 * wrong here refuses it: the scheduler also looks for itself.
 */
export async function tellScheduler({ env, now }: Pick<RequestContext, 'env' | 'now'>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await schedulerStub(env).sync(now);
      return;
    } catch {
      // A stub that has failed stays broken; the next one is new.
    }
  }
}
