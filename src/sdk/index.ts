/** The browser SDK's public surface. */
export { createClient } from './client.ts';
export type {
  Button,
  Client,
  ClientOptions,
  Content,
  Json,
  Listener,
  Message,
  Messages,
  MountOptions,
  Properties,
  PushOptions,
} from './types.ts';
