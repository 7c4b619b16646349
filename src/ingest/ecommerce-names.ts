/**
 * Tables: which names mean what in the e-commerce spec v2 (Segment), whose names Reflex speaks. Sources: Segment's
 * e-commerce spec v1 and v2, B2B SaaS spec; Google Analytics 4 recommended events.
 */

/** Events about one product, its fields flat in the properties. */
export const SINGLE_PRODUCT_EVENTS: ReadonlySet<string> = new Set([
  'Product Clicked',
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Wishlist Product Added to Cart',
  'Product Shared',
  'Product Reviewed',
  'Back in Stock Requested',
]);

/** Events about several, in `products[]`. */
export const PRODUCT_LIST_EVENTS: ReadonlySet<string> = new Set([
  'Product List Viewed',
  'Product List Filtered',
  'Cart Viewed',
  'Cart Shared',
  'Checkout Started',
  'Payment Info Entered',
  'Order Updated',
  'Order Completed',
  'Order Refunded',
  'Order Cancelled',
]);

interface Alias {
  name: string;
  /** Client's property → the spec's. */
  renames: Readonly<Record<string, string>>;
  /** The same for each product. */
  productRenames: Readonly<Record<string, string>>;
}

const NONE = {};
const V1_PRODUCT = { id: 'product_id' };
const V1_ORDER = { orderId: 'order_id' };

/** Segment's spec v1 put the verb first and called a product's id `id`. */
const V1: [name: string, canonical: string, renames: Record<string, string>][] = [
  ['Viewed Product', 'Product Viewed', V1_PRODUCT],
  ['Clicked Product', 'Product Clicked', V1_PRODUCT],
  ['Added Product', 'Product Added', V1_PRODUCT],
  ['Removed Product', 'Product Removed', V1_PRODUCT],
  ['Added Product to Wishlist', 'Product Added to Wishlist', V1_PRODUCT],
  ['Removed Product from Wishlist', 'Product Removed from Wishlist', V1_PRODUCT],
  ['Shared Product', 'Product Shared', V1_PRODUCT],
  ['Reviewed Product', 'Product Reviewed', V1_PRODUCT],
  ['Searched Products', 'Products Searched', NONE],
  ['Viewed Product List', 'Product List Viewed', NONE],
  ['Viewed Product Category', 'Product List Viewed', NONE],
  ['Viewed Cart', 'Cart Viewed', NONE],
  ['Viewed Promotion', 'Promotion Viewed', { id: 'promotion_id' }],
  ['Clicked Promotion', 'Promotion Clicked', { id: 'promotion_id' }],
  ['Started Checkout', 'Checkout Started', V1_ORDER],
  ['Updated Order', 'Order Updated', V1_ORDER],
  ['Completed Order', 'Order Completed', V1_ORDER],
  ['Refunded Order', 'Order Refunded', V1_ORDER],
  ['Cancelled Order', 'Order Cancelled', V1_ORDER],
];

const GA4_ITEM = {
  item_id: 'product_id',
  item_name: 'name',
  item_brand: 'brand',
  item_category: 'category',
  item_variant: 'variant',
  index: 'position',
};
const GA4_ONE = { ...GA4_ITEM, items: 'products' };
const GA4_LIST = { items: 'products', item_list_id: 'list_id' };
const GA4_ORDER = { items: 'products', transaction_id: 'order_id' };
const GA4_PROMOTION = {
  items: 'products',
  promotion_name: 'name',
  creative_name: 'creative',
  creative_slot: 'position',
};

const GA4: [name: string, canonical: string, renames: Record<string, string>][] = [
  ['view_item', 'Product Viewed', GA4_ONE],
  ['select_item', 'Product Clicked', GA4_ONE],
  ['view_item_list', 'Product List Viewed', GA4_LIST],
  ['search', 'Products Searched', { search_term: 'query' }],
  ['view_search_results', 'Products Searched', { search_term: 'query', items: 'products' }],
  ['add_to_wishlist', 'Product Added to Wishlist', GA4_ONE],
  // Not one of Google's, but what its users name the opposite.
  ['remove_from_wishlist', 'Product Removed from Wishlist', GA4_ONE],
  ['add_to_cart', 'Product Added', GA4_ONE],
  ['remove_from_cart', 'Product Removed', GA4_ONE],
  ['view_cart', 'Cart Viewed', GA4_LIST],
  ['begin_checkout', 'Checkout Started', GA4_ORDER],
  ['add_payment_info', 'Payment Info Entered', { ...GA4_ORDER, payment_type: 'payment_method' }],
  ['purchase', 'Order Completed', { ...GA4_ORDER, value: 'revenue' }],
  ['refund', 'Order Refunded', { ...GA4_ORDER, value: 'revenue' }],
  ['view_promotion', 'Promotion Viewed', GA4_PROMOTION],
  ['select_promotion', 'Promotion Clicked', GA4_PROMOTION],
  ['share', 'Product Shared', { ...GA4_ONE, method: 'share_via' }],
  ['sign_up', 'Signed Up', NONE],
  ['login', 'Signed In', NONE],
];

/** Client's event name → what it is called here, and what its properties are called. */
export const ALIASES: ReadonlyMap<string, Alias> = new Map([
  ...V1.map(([name, canonical, renames]) => entry(name, canonical, renames, V1_PRODUCT)),
  ...GA4.map(([name, canonical, renames]) => entry(name, canonical, renames, GA4_ITEM)),
]);

function entry(
  from: string,
  name: string,
  renames: Record<string, string>,
  productRenames: Record<string, string>,
): [string, Alias] {
  return [from, { name, renames, productRenames }];
}
