/**
 * Open pages of one profile. Each holds a hibernating socket: the object may leave memory while they stay open, and
 * wakes when something happens. A turn that changes what is due tells them, in the same moment as its answer:
 *
 *   opened: hello, then messages (all that is due) · due has changed: messages · out of the inbox: revoked
 *
 * Nothing about them is stored: a socket that breaks is opened again, and starts with all that is due.
 */

import { dueJson } from '../protocol/message-json.ts';
import type { DueMessages } from '../protocol/rpc.ts';

/** What can be told of a profile at one moment. */
export interface Standing {
  due: DueMessages;
  /** Everything in the inbox, also what has been shown and may still be on a screen. */
  inboxIds: string[];
}

/** The profile has become another's, or is no more: the page connects anew, and is sent on or asked for proof. */
const MOVED = 4001;
/** One browser needs one. More is a client that doesn't close. */
const MAX_SOCKETS = 32;

export class LiveSockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  get isEmpty(): boolean {
    return this.#ctx.getWebSockets().length === 0;
  }

  open({ due }: Standing): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const open = this.#ctx.getWebSockets();
    if (open.length >= MAX_SOCKETS) open[0]?.close(1013, 'too many pages of one user');
    // Answered by the platform: a sign of life wakes nobody.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    this.#ctx.acceptWebSocket(server);
    server.send(JSON.stringify({ type: 'hello', cursor: due.cursor }));
    server.send(messagesFrame(due));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': 'reflex' },
    });
  }

  /** Between two moments something may have become due, or have gone. Answers whether what is due was told. */
  tell(before: Standing, after: Standing): boolean {
    const inbox = new Set(after.inboxIds);
    const ids = before.inboxIds.filter((id) => !inbox.has(id));
    if (ids.length > 0) this.#send(JSON.stringify({ type: 'revoked', ids }));
    const hasChanged = idsOf(before.due) !== idsOf(after.due);
    if (hasChanged) this.#send(messagesFrame(after.due));
    return hasChanged;
  }

  closeAll(): void {
    for (const socket of this.#ctx.getWebSockets()) socket.close(MOVED, 'moved');
  }

  #send(frame: string): void {
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(frame);
      } catch {
        // Closing: its page connects anew.
      }
    }
  }
}

function messagesFrame(due: DueMessages): string {
  return JSON.stringify({ type: 'messages', ...dueJson(due) });
}

function idsOf({ messages }: DueMessages): string {
  return messages.map(({ id }) => id).join();
}
