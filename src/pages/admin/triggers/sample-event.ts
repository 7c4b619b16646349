import type { Trigger } from '../../../engine/trigger.ts';

/** Something that the trigger may listen to, to begin a preview with; null where the server imagines it better. */
export function sampleEvent({ entry }: Trigger): { [field: string]: unknown } | null {
  const [on] = Array.isArray(entry?.on) ? entry.on : [];
  if (!on) return null;
  if ('item' in on) {
    const previous = { price: 20000, currency: 'KRW' };
    const item = {
      id: 'item-1',
      title: '별빛 실반지',
      url: '/p/item-1',
      price: 15000,
      currency: 'KRW',
      stock: 5,
      previous,
    };
    return { item };
  }
  if (!('event' in on) || 'inactive' in on) return null;
  if (on.event === '$page') return { type: 'page', name: 'Home' };
  if (on.event.startsWith('$')) return null;
  return { event: on.event, properties: PROPERTIES[on.event] ?? {} };
}

const PRODUCT = { product_id: 'item-1', name: '별빛 실반지', price: 15000, currency: 'KRW' };
const PROPERTIES: Record<string, object> = {
  'Products Searched': { query: '실반지' },
  'Product Viewed': PRODUCT,
  'Product Added': PRODUCT,
  'Product Added to Wishlist': PRODUCT,
  'Order Completed': { order_id: 'order-1', products: [PRODUCT], revenue: 15000, currency: 'KRW' },
};
