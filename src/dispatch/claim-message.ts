import type { Address } from '../engine/send/addresses.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import type { DispatchMessage } from '../protocol/queue-messages.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { HintAnswer } from './hint-answer.ts';

export interface ClaimedMessage {
  /** The profile that holds the lease: after a merge another than the hint's. */
  profileKey: string;
  attempt: number;
  input: MessageInput;
  to: Address[];
  claimedAt: number;
  /** It had been given up after so many attempts, and was replayed. */
  replayOf?: number;
  /** When the user agreed to advertising by this channel, where that is their last word. */
  consentedAt?: number;
  /** By its trigger's budget, at an earlier attempt. */
  paid?: true;
}

type Claim = { kind: 'claimed'; claimed: ClaimedMessage } | { kind: 'not_ours'; answer: HintAnswer };

/** An anonymous profile moves once, into a known one; the second step is for a user who was merged in between. */
const MAX_MOVES = 3;

export async function claimMessage(
  hint: DispatchMessage,
  deps: Pick<DispatchDeps, 'profile' | 'now'>,
): Promise<Claim> {
  let profileKey = hint.profile;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const result = await deps.profile(profileKey).claim(hint.messageId);
    switch (result.kind) {
      case 'claimed':
        return {
          kind: 'claimed',
          claimed: {
            profileKey,
            attempt: result.attempt,
            input: result.message,
            to: result.to ?? [],
            claimedAt: deps.now(),
            ...(result.replayOf !== undefined && { replayOf: result.replayOf }),
            ...(result.consentedAt !== undefined && { consentedAt: result.consentedAt }),
            ...(result.paid && { paid: result.paid }),
          },
        };
      case 'gone':
        return { kind: 'not_ours', answer: 'done' };
      case 'leased':
        return { kind: 'not_ours', answer: { againInMs: result.untilAt - deps.now() } };
      case 'moved':
        profileKey = result.to.key;
        break;
      default:
        // A newer build's answer.
        result satisfies never;
        return { kind: 'not_ours', answer: 'failed' };
    }
  }
  return { kind: 'not_ours', answer: 'failed' };
}
