/** An anonymous profile that has become a known user's is looked at as that user's. */
import type { ProfileRpc, ProfileView } from './rpc.ts';

type Stub<Calls extends keyof ProfileRpc> = (key: string) => Pick<ProfileRpc, Calls | 'next'>;

/** The key of the profile that this one has become; its own where it has stayed. */
export async function movedKey(profile: Stub<never>, key: string): Promise<string> {
  const next = await profile(key).next({ limit: 1 });
  return next.kind === 'moved' ? next.to.key : key;
}

/** Null where nobody is known by it. */
export async function describeMoved(profile: Stub<'describe'>, key: string): Promise<ProfileView | null> {
  const view = await profile(key).describe();
  if (view) return view;
  const moved = await movedKey(profile, key);
  return moved === key ? null : profile(moved).describe();
}
