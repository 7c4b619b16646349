/** Events of the e-commerce vocabulary that triggers are usually made of: proposals, no limit. */
export const EVENT_NAMES = [
  '$page',
  '$session_start',
  'Products Searched',
  'Product Viewed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Product Added',
  'Product Removed',
  'Cart Viewed',
  'Checkout Started',
  'Order Completed',
  'Signed Up',
  'Coupon Issued',
  'Survey Completed',
  'Product Reviewed',
] as const;

/** What a condition can be about, besides properties and traits of the app's own. */
export const FIELD_PATHS = [
  'event.properties.query',
  'event.properties.price',
  'event.properties.category',
  'event.context.page.path',
  'user.known',
  'user.id',
  'user.traits.tier',
  'user.traits.birthday',
  'user.cart.value',
  'user.cart.count',
  'user.orders.count',
  'user.orders.value',
  'user.sessions.count',
  'item.price',
  'item.stock',
  'item.category',
] as const;
