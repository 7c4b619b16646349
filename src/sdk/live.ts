/**
 * How news of messages arrives while somebody listens: one socket a browser, held by the tab that has the lock, which
 * tells the others. Where a socket can't be had it polls, at the interval that the server names; that is always enough.
 *
 *   waiting for the lock → connecting → open (hello, then frames) → lost → polling, and connecting again
 *
 * A socket that has gone quiet is asked for a sign of life, which wakes nobody on the server.
 */
import type { Answer, Caller } from './call.ts';
import type { Identity } from './identity.ts';
import type { Due, Inbox } from './inbox.ts';
import { backOffMs } from './verdict.ts';

type Frame =
  | { type: 'hello'; cursor: string }
  | ({ type: 'messages' } & Due)
  | { type: 'revoked'; ids: string[] };

const QUIET_MS = 30_000;
const POLL_SECONDS = 30;
const LONGEST_POLL_SECONDS = 600;

export interface LiveDeps {
  caller: Caller;
  identity: Identity;
  inbox: Inbox;
  /** Names the lock and the channel. */
  name: string;
}

export class Live {
  readonly #deps: LiveDeps;
  #ending: AbortController | null = null;
  #socket: WebSocket | null = null;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #failedPolls = 0;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#ending) return;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    this.#listenToOthers(signal);
    void this.poll();
    this.#lead(signal).catch(() => this.#hold(signal));
  }

  stop(): void {
    this.#ending?.abort();
    this.#ending = null;
    clearTimeout(this.#pollTimer);
    this.#socket?.close();
  }

  /** Somebody else is meant: another object answers. */
  restart(): void {
    if (!this.#ending) return;
    this.stop();
    this.start();
  }

  /** Asks once. */
  async poll(surface?: string): Promise<Due | null> {
    const { caller, identity, inbox } = this.#deps;
    const { profile } = identity;
    const query = { ...this.#who(), ...(surface !== undefined && { surface }) };
    const due = dueOf(await caller.call('GET', '/v1/messages/next', query));
    // The answer to a question about somebody else.
    if (!due || profile !== identity.profile) return null;
    if (surface === undefined) inbox.receive(due);
    return due;
  }

  #who(): { [name: string]: string } {
    const { anonymousId, userId } = this.#deps.identity;
    return userId === null ? { anonymousId } : { userId };
  }

  /** Resolves when this tab has led and ended. Rejects where the browser has no locks. */
  async #lead(signal: AbortSignal): Promise<void> {
    await navigator.locks
      .request(this.#deps.name, { signal }, () => this.#hold(signal))
      .catch((error) => {
        if (!signal.aborted) throw error;
      });
  }

  async #hold(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.#connected(signal)) ? 1 : failures + 1;
      if (signal.aborted) return;
      this.#pollAgain(POLL_SECONDS);
      await pause(backOffMs(failures, Math.random(), 250), signal);
    }
  }

  /** Resolves when the socket is closed, to whether it ever opened. */
  async #connected(signal: AbortSignal): Promise<boolean> {
    const token = await this.#deps.caller.token();
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      let isOpen = false;
      try {
        const url = this.#deps.caller.url('/v1/messages/live', this.#who()).replace(/^http/, 'ws');
        const socket = new WebSocket(url, ['reflex', ...(token ? [`reflex.token.${token}`] : [])]);
        this.#socket = socket;
        const beat = setInterval(() => socket.readyState === 1 && socket.send('ping'), QUIET_MS);
        let quiet: ReturnType<typeof setTimeout> | undefined;
        const heard = () => {
          clearTimeout(quiet);
          quiet = setTimeout(() => socket.close(), QUIET_MS * 2);
        };
        heard();
        socket.onmessage = ({ data }) => {
          heard();
          isOpen = true;
          clearTimeout(this.#pollTimer);
          this.#take(data);
          this.#channel?.postMessage([this.#deps.identity.profile, data]);
        };
        socket.onclose = () => {
          clearInterval(beat);
          clearTimeout(quiet);
          resolve(isOpen);
        };
      } catch {
        resolve(false);
      }
    });
  }

  #channel: BroadcastChannel | null = null;

  #listenToOthers(signal: AbortSignal): void {
    if (typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(this.#deps.name);
    this.#channel = channel;
    channel.onmessage = ({ data: [profile, text] }) => {
      // Another tab holds the socket: no need to ask.
      clearTimeout(this.#pollTimer);
      if (profile === this.#deps.identity.profile) this.#take(text);
    };
    signal.addEventListener('abort', () => channel.close());
  }

  #take(text: unknown): void {
    const frame = parse(text);
    if (frame?.type === 'messages') this.#deps.inbox.receive(frame);
    if (frame?.type === 'revoked') this.#deps.inbox.revoke(frame.ids);
  }

  #pollAgain(seconds: number): void {
    clearTimeout(this.#pollTimer);
    this.#pollTimer = setTimeout(async () => {
      if (!this.#ending) return;
      const due = await this.poll();
      this.#failedPolls = due ? 0 : this.#failedPolls + 1;
      const next = (due?.next ?? POLL_SECONDS) * 2 ** this.#failedPolls;
      this.#pollAgain(Math.min(LONGEST_POLL_SECONDS, next));
    }, seconds * 1000);
  }
}

/** Null where the answer names no messages: none came, or a token is needed. */
export function dueOf({ status, body }: Answer): Due | null {
  return status === 200 && Array.isArray(body?.messages) && !body.identity ? (body as unknown as Due) : null;
}

function parse(text: unknown): Frame | null {
  try {
    return JSON.parse(String(text));
  } catch {
    // `pong`.
    return null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
