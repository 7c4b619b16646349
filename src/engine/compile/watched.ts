/** What triggers make a round derive, whichever of their `on`s asks: entries, exits, goals and steps that wait. */
import { triggerListeners } from '../checks/walk-listeners.ts';
import { ANY_RELATION } from '../items/related.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import type { ItemOn, TopicOn, Trigger } from '../trigger.ts';
import type { CompiledTrigger } from './compile-trigger.ts';

/** As one trigger names them. */
export interface Watched {
  attributes: string[];
  segments: string[];
  items: ItemOn[];
  topics: TopicOn[];
}

export interface WatchedAttribute {
  path: string;
  read: PathReader;
}

/** Attributes that some live trigger listens to. A trait changes only where it is written, so that few need be read. */
export interface WatchedAttributes {
  /** By the trait's name. */
  traits: Map<string, WatchedAttribute[]>;
  others: WatchedAttribute[];
}

export function watchedBy(trigger: Trigger): Watched {
  const watched: Watched = { attributes: [], segments: [], items: [], topics: [] };
  for (const { on } of triggerListeners(trigger)) {
    if ('item' in on) watched.items.push(on);
    else if ('topic' in on) watched.topics.push(on);
    else if ('attribute' in on) watched.attributes.push(on.attribute);
    else if ('change' in on) watched.segments.push(on.segment);
  }
  return watched;
}

/** Items that were only viewed are watched for as long as some trigger wants to hear of them. */
export function watchesViewed(listeners: readonly ItemOn[]): boolean {
  return listeners.some(({ relation = ANY_RELATION }) => relation.includes('viewed'));
}

export function watchedAttributes(triggers: CompiledTrigger[]): WatchedAttributes {
  const attributes: WatchedAttributes = { traits: new Map(), others: [] };
  for (const path of new Set(triggers.flatMap(({ watched }) => watched.attributes))) {
    const attribute = { path, read: compilePath(path) };
    const [root, section, name] = path.split('.');
    if (root !== 'user' || section !== 'traits' || name === undefined) attributes.others.push(attribute);
    else attributes.traits.set(name, [...(attributes.traits.get(name) ?? []), attribute]);
  }
  return attributes;
}
