/** Which fields a template reads of each of its `recommendations`: an item without them can't be among them. */
import type { Template } from '../documents.ts';
import { oncePer } from '../once-per.ts';
import { parseText, type TextNode } from '../send/render/parse-text.ts';
import type { Json } from '../vocabulary.ts';

/** The template's value. */
export const RECOMMENDATIONS = 'recommendations';

export const shownFields = oncePer((template: Template): ReadonlySet<string> => {
  const fields = new Set<string>();
  for (const nodes of textsIn(template.locales as unknown as Json)) collect(nodes, fields, false);
  return fields;
});

/** Whether any text of the template has a place for recommendations. */
export const showsRecommendations = oncePer((template: Template): boolean =>
  textsIn(template.locales as unknown as Json).some((nodes) => mentions(nodes)),
);

function textsIn(value: Json): TextNode[][] {
  if (typeof value === 'string') {
    const parsed = value.includes(RECOMMENDATIONS) ? parseText(value) : null;
    return parsed?.kind === 'parsed' ? [parsed.nodes as TextNode[]] : [];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What stands in a section of its own may be missing. */
function collect(nodes: readonly TextNode[], fields: Set<string>, isInside: boolean): void {
  for (const node of nodes) {
    if (node.kind === 'section') {
      if (!isInside && !node.inverted) collect(node.nodes, fields, node.path === RECOMMENDATIONS);
    } else if (node.kind === 'format' && node.path === null) collect(node.nodes, fields, isInside);
    else if (isInside && node.kind !== 'text' && node.path !== null) fields.add(node.path);
  }
}

function mentions(nodes: readonly TextNode[]): boolean {
  return nodes.some((node) => {
    if (node.kind === 'text') return false;
    const isIt = node.path === RECOMMENDATIONS || (node.path ?? '').startsWith(`${RECOMMENDATIONS}.`);
    return isIt || ('nodes' in node && mentions(node.nodes));
  });
}
