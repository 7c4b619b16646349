/** What an app sees of Reflex. The shapes are the HTTP API's own. */

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Properties = { [name: string]: Json | undefined };

export interface ClientOptions {
  /** Where Reflex runs, such as `https://reflex.example.com`. */
  endpoint: string;
  /** The public key of the app. */
  writeKey: string;
  /**
   * Asks the app's backend for the signed-in user's token, a JWT whose `sub` is the userId. Asked for when it is first
   * needed, and once more when it is refused, then with `isRefused`.
   */
  getToken?: (isRefused: boolean) => Promise<string | null | undefined>;
}

export interface Button {
  id: string;
  text: string;
  action: { type: 'open' | 'dismiss' | 'track'; url?: string; event?: string };
}

export interface Content {
  locale: string | null;
  title: string | null;
  body: string | null;
  image: { url: string; alt?: string } | null;
  buttons: Button[];
  html: string | null;
}

export interface Message {
  id: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: 'in_app' | 'card';
  surface: string;
  layout: 'modal' | 'slideup' | 'banner' | 'fullscreen' | 'card' | 'html';
  priority: number;
  /** ISO 8601. */
  createdAt: string;
  expiresAt: string;
  content: Content;
}

export type Listener = (messages: readonly Message[], revoked: readonly string[]) => void;

export interface Messages {
  /** The message that should be shown now, or null. Asks the server; null also where it can't be reached. */
  next(surface?: string): Promise<Message | null>;
  /**
   * Calls `listener` with all that is due (one in-app message a surface, and every card), now and whenever it changes,
   * over a socket where the browser has one. `revoked` names those that must leave the screen at once. Returns how to
   * stop.
   */
  subscribe(listener: Listener): () => void;
  /** Whether a message that lay about may still be shown. False also where the server can't be reached. */
  isValid(id: string): Promise<boolean>;
  /**
   * True for one tab of the browser: whoever gets it shows the message. With `pauseMs`, for none within that time after a
   * message was on screen in any of them.
   */
  claim(id: string, pauseMs?: number): Promise<boolean>;
  /** When a message was last put on screen or taken off it, in whichever tab: milliseconds since 1970, 0 for never. */
  readonly lastOnScreenAt: number;
  /** Says that one has just left the screen. */
  onScreen(): void;
  shown(id: string): void;
  clicked(id: string, buttonId?: string): void;
  dismissed(id: string): void;
  failed(id: string, reason: string): void;
}

export interface MountOptions {
  /** Where cards are put. Without it they are left to the app. */
  cards?: Element;
  /** Only these surfaces are drawn; the app draws the others. Default: all. */
  surfaces?: string[];
  /** The least time from one message's end to the next, in all tabs of the browser together; 30 s unless given. */
  minIntervalMs?: number;
  /** Asked before a message is drawn, and again every second until it is true or the message expires. */
  mayShow?: (message: Message) => boolean;
  /** Called on a button. False keeps the SDK from following it. */
  onAction?: (button: Button, message: Message) => boolean | undefined;
}

export interface PushOptions {
  /** The page's service worker, which imports `/reflex-sw.js`. */
  registration: ServiceWorkerRegistration;
  /** The deployment's public VAPID key, base64url. */
  publicKey: string;
}

export interface Client {
  track(event: string, properties?: Properties): void;
  /** From now on events are this user's. What the visitor did before becomes the user's as well. */
  identify(userId: string, traits?: Properties): void;
  page(name?: string, properties?: Properties): void;
  /** On sign-out: a new anonymous visitor, and none of the old one's messages. */
  reset(): void;
  /** Resolves when everything sent so far has been acknowledged, or could not be sent now. Never rejects. */
  flush(): Promise<void>;
  readonly anonymousId: string;
  readonly userId: string | null;
  readonly messages: Messages;
  /** Draws in-app messages. Loads the renderer when it is called; returns how to stop. */
  mount(options?: MountOptions): Promise<() => void>;
  /** Registers this browser for web push; asks for permission where it has none. Resolves to the device's id, or null. */
  enablePush(options: PushOptions): Promise<string | null>;
}
