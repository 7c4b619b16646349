import type { DispatchMessage, FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { anEvent, inProfile, keptQueue, rebind, send, user, visitor } from './profile-world.ts';

/** A visitor and the user that they are about to become; what leaves them stays with the test. */
export async function twoOfOne(id: string) {
  const [anonymous, known] = [await visitor(id), await user(id)];
  const queues = { DISPATCH: keptQueue<DispatchMessage>(), FACTS: keptQueue<FactsMessage>() };
  const keep = async (ref: ProfileRef) => inProfile(ref, (object) => rebind(object, queues));
  await keep(anonymous);
  await keep(known);
  const merge = () =>
    send(known, [anEvent('$identify', {}, { traits: { name: id } })], { links: [anonymous] });
  return { anonymous, known, merge, keep, ...queues };
}
