/** What many backtested lives come to. */
import type { Config } from '../../engine/config.ts';
import type { BacktestAnswer } from '../../protocol/backtest-schema.ts';
import type { ProfileRef } from '../../protocol/rpc.ts';
import type { BacktestedLife } from './backtest-life.ts';
import type { ReplayedSend } from './replay-life.ts';

type Totals = Pick<BacktestAnswer, 'profiles' | 'messages' | 'reasons' | 'items' | 'displaced' | 'fidelity'>;

export class BacktestTotals {
  readonly #channels: Config['channels'];
  readonly #cost = new Map<string, number>();
  readonly #totals: Totals = {
    profiles: { replayed: 0, skipped: 0, events: 0 },
    messages: { count: 0, people: 0, heldOut: 0, perChannel: {}, cost: [] },
    reasons: {},
    items: [],
    displaced: [],
    fidelity: { recorded: 0, reproduced: 0 },
  };

  /** Prices are those of the channels' own documents. */
  constructor({ channels }: Config) {
    this.#channels = channels;
  }

  /** Whether an answer of at most so much has no room for another life. */
  isFull(most: { lives: number; events: number; lines: number }): boolean {
    const { profiles, items, displaced } = this.#totals;
    return (
      profiles.replayed + profiles.skipped >= most.lives ||
      profiles.events >= most.events ||
      items.length + displaced.length >= most.lines
    );
  }

  skip(): void {
    this.#totals.profiles.skipped += 1;
  }

  add(profile: ProfileRef, events: number, life: BacktestedLife): void {
    const { profiles, messages, reasons, items, displaced, fidelity } = this.#totals;
    const person = personOf(profile);
    profiles.replayed += 1;
    profiles.events += events;
    if (life.sent.length > 0) messages.people += 1;
    for (const [reason, n] of life.reasons) reasons[reason] = (reasons[reason] ?? 0) + n;
    messages.heldOut = reasons.held_out ?? 0;
    for (const one of life.sent) {
      this.#count(one);
      const { channel, variant, event, content } = one;
      items.push({ ...person, at: iso(one.at), channel, variant, event, content });
    }
    for (const { trigger, at, channel, laterAt, wasSent } of life.displaced) {
      const later = laterAt === null ? null : iso(laterAt);
      displaced.push({ ...person, trigger, at: iso(at), channel, laterAt: later, wasSent });
    }
    fidelity.recorded += life.recorded;
    fidelity.reproduced += life.reproduced;
  }

  told(): Totals {
    const { messages } = this.#totals;
    messages.cost = [...this.#cost].map(([currency, amount]) => ({ currency, amount }));
    return this.#totals;
  }

  #count({ channel }: ReplayedSend): void {
    const { messages } = this.#totals;
    messages.count += 1;
    messages.perChannel[channel] = (messages.perChannel[channel] ?? 0) + 1;
    const cost = this.#channels.get(channel)?.cost;
    if (cost) this.#cost.set(cost.currency, (this.#cost.get(cost.currency) ?? 0) + cost.amount);
  }
}

function personOf({ kind, id }: ProfileRef) {
  return { userId: kind === 'user' ? id : null, anonymousId: kind === 'anonymous' ? id : null };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
