import { splitRelationKey } from '../engine/fold/relations.ts';
import type { ProfileView } from '../protocol/rpc.ts';
import type { TurnStore } from './turn-store.ts';

const TIMELINE_LIMIT = 100;

/** A profile as its owner and the admin see it. */
export function describe(store: TurnStore): ProfileView {
  const { meta, traits, relations, inbox, links } = store.state;
  const merged = [...links.values()].filter(({ outcome }) => outcome === 'merged').map(({ id }) => id);
  return {
    userId: meta.kind === 'user' ? meta.id : null,
    anonymousIds: meta.kind === 'anonymous' ? [meta.id] : merged,
    key: meta.key,
    traits: Object.fromEntries(
      [...traits].filter(([, t]) => t.value !== null).map(([name, t]) => [name, t.value]),
    ),
    firstSeenAt: meta.firstSeenAt,
    lastSeenAt: meta.lastSeenAt,
    sessions: { count: meta.sessionCount, lastAt: meta.sessionLastAt || null },
    consents: consentsOf(store),
    relations: [...relations]
      .filter(([, relation]) => relation.on)
      .map(([key, { since, price }]) => ({ ...splitRelationKey(key), since, reference: price })),
    timeline: store.history
      .newest(TIMELINE_LIMIT)
      .map(({ messageId, name, timestamp, properties }) => ({ messageId, name, timestamp, properties })),
    inbox: [...inbox.values()],
  };
}

/** What is in force for each channel and purpose. */
export function consentsOf({ state: { consents } }: Pick<TurnStore, 'state'>): ProfileView['consents'] {
  return [...consents].flatMap(([key, ledger]) => {
    const [channel = '', purpose = ''] = key.split('|');
    const newest = ledger[0];
    return newest ? [{ channel, purpose, ...newest }] : [];
  });
}
