import type { Template } from '../documents.ts';
import type { Round } from '../round.ts';
import type { Recommend } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { isInHand, recommend } from './recommend.ts';
import { RECOMMENDATIONS, shownFields } from './shown-fields.ts';
import { isOutOfQuestion, wantOf } from './want.ts';

export interface MessageRecommendations {
  /** For the template; empty where the step doesn't recommend. */
  shown: JsonObject;
  /** For the explanation: what was asked, and how many of the answers are only popular. */
  told?: JsonObject;
}

/** What a message that is about these items recommends. Notes in the round what is missing for it. */
export function recommendFor(
  round: Round,
  asked: Recommend | undefined,
  template: Template,
  aboutIds: readonly string[],
): MessageRecommendations {
  if (!asked) return { shown: {} };
  const { draft, recommended } = round;
  const want = wantOf(draft, asked);
  if (!recommended || !isInHand(want, recommended)) round.wants.push(want);
  const isOut = (itemId: string) =>
    aboutIds.includes(itemId) || isOutOfQuestion((key) => draft.get('relations', key), want, itemId);
  const known = recommended ?? { lists: new Map(), items: new Map() };
  const { items, listed } = recommend(want, known, isOut, shownFields(template));
  const told = {
    from: asked.from,
    ...(want.sources.length > 0 && { of: want.sources }),
    listed,
    popular: items.length - listed,
  };
  return { shown: { [RECOMMENDATIONS]: items }, told: { recommended: told } };
}
