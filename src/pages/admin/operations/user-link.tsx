import { linkTo } from '../route.ts';

/** Whose it was; whoever was erased has no name any more. */
export function UserLink({ userId, anonymousId }: { userId: string | null; anonymousId: string | null }) {
  const id = userId ?? (anonymousId === null ? null : `anon:${anonymousId}`);
  return id === null ? <span>–</span> : <a href={linkTo('users', id)}>{id}</a>;
}
