/** Which fields of a listener for an item's news belong to which kind of news. */
import type { ItemOn } from '../trigger.ts';
import { pathFault } from './check-path.ts';
import type { Issue } from './issue.ts';

const OF_KIND = {
  minDrop: 'price_drop',
  versus: 'price_drop',
  lowStock: 'low_stock',
  path: 'changed',
} as const satisfies { [field in keyof ItemOn]?: ItemOn['item'] };

export function checkItemOn(on: ItemOn, at: string): Issue[] {
  const stray = Object.entries(OF_KIND)
    .filter(([field, kind]) => Object.hasOwn(on, field) && on.item !== kind)
    .map(([field, kind]) => ({
      path: `${at}.${field}`,
      message: `belongs to \`${kind}\`, not to \`${on.item}\``,
    }));
  if (on.path === undefined || on.item !== 'changed') return stray;
  const fault = pathFault(on.path) ?? foreign(on.path);
  return fault === null ? stray : [...stray, { path: `${at}.path`, message: fault }];
}

function foreign(path: string): string | null {
  if (path.startsWith('item.') && path !== 'item.id' && path !== 'item.previousPrice') return null;
  return `\`${path}\` is nothing of an item that can change; expected such as \`item.title\``;
}
