import { signal } from '@preact/signals';

export interface SignedIn {
  /** The key's id: who the audit log says it was. */
  id: string;
  expiresAt: string;
}

/** `undefined` until the server has said. The token itself is kept nowhere on this side. */
export const session = signal<SignedIn | null | undefined>(undefined);
