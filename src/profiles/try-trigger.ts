/** What the people who write triggers ask of one profile: what one would answer, and a test message. */
import type { Env } from '../bindings.ts';
import { compileTrigger } from '../engine/compile/compile-trigger.ts';
import type { Config } from '../engine/config.ts';
import { preview } from '../engine/explain/preview.ts';
import type { Recommended } from '../engine/recommend/recommend.ts';
import { testMessage } from '../engine/send/test-message.ts';
import type { PreviewRequest, PreviewResult, TestRequest, TestResult } from '../protocol/rpc.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import type { Handed } from './decide-event.ts';
import { type Attempt, type RecommendedPort, undecided, withLists } from './recommended.ts';
import type { Turn } from './turn-port.ts';
import type { TurnStore } from './turn-store.ts';

/** Reads the store alone: nothing of it is kept. */
export async function previewOn(
  store: TurnStore,
  env: Env,
  { pinned }: Config,
  turns: RecommendedPort & { handed: Handed },
  { trigger, event, now }: PreviewRequest,
): Promise<PreviewResult> {
  const live = { ...(await loadLiveDocuments(env)), logsByDefault: env.ENVIRONMENT === 'development' };
  const { state, history } = store;
  return withLists(turns, (recommended): Attempt<PreviewResult> => {
    const asked = { state, history, now, handed: turns.handed, live, pinned, trigger, event, recommended };
    const { wants, ...previewed } = preview(asked);
    return wants && !recommended ? { wants } : { answer: { kind: 'done', ...previewed } };
  });
}

/** Within the turn. */
export function sendTestOn(
  store: TurnStore,
  config: Config,
  request: TestRequest,
  now: number,
  recommended: Recommended | null,
): Turn<Attempt<TestResult>> {
  const { channel, event, nonce } = request;
  const trigger = compileTrigger({ ...request.trigger, state: 'live', activatedAt: 0 });
  const { state, history } = store;
  const tested = testMessage({ state, history, config, now, trigger, channel, event, nonce, recommended });
  if (tested.kind === 'wants') return undecided(tested.wants);
  if (tested.kind !== 'put') return { effects: [], answer: () => ({ answer: tested }) };
  const { delta, effects, ...put } = tested;
  store.apply(delta);
  return { effects, answer: () => ({ answer: put }) };
}
