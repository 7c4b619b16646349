/** What somebody likes and has in the cart; kept for each member of this browser, and for the visitor who is none. */
import { computed, signal } from '@preact/signals';
import { PRODUCTS, type Product } from './catalogue.ts';
import { changeOffer, offerOf } from './offers.ts';
import { join, leave, member, propertiesOf, reflex } from './visitor.ts';

interface Bag {
  liked: string[];
  /** Product id → quantity. */
  cart: Record<string, number>;
}

const STORED = 'eunha.bags';
const VISITOR = 'visitor';
const EMPTY: Bag = { liked: [], cart: {} };

const bags = signal<Record<string, Bag>>(stored());
const bag = computed(() => bags.value[member.value?.id ?? VISITOR] ?? EMPTY);

function stored(): Record<string, Bag> {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? '{}') as Record<string, Bag>;
  } catch {
    return {};
  }
}

function keep(owner: string, kept: Bag): void {
  bags.value = { ...bags.value, [owner]: kept };
  localStorage.setItem(STORED, JSON.stringify(bags.value));
}

const change = (part: Partial<Bag>) => keep(member.value?.id ?? VISITOR, { ...bag.value, ...part });

export const lines = computed(() =>
  PRODUCTS.flatMap((product) => {
    const quantity = bag.value.cart[product.id] ?? 0;
    return quantity > 0 ? [{ product, quantity, amount: quantity * offerOf(product).price }] : [];
  }),
);
export const total = computed(() => lines.value.reduce((sum, { amount }) => sum + amount, 0));

export const isLiked = ({ id }: Product) => bag.value.liked.includes(id);

export function toggleLike(product: Product): void {
  const { liked } = bag.value;
  const wasLiked = isLiked(product);
  change({ liked: wasLiked ? liked.filter((id) => id !== product.id) : [...liked, product.id] });
  reflex.track(
    wasLiked ? 'Product Removed from Wishlist' : 'Product Added to Wishlist',
    propertiesOf(product),
  );
}

export function addToCart(product: Product): void {
  const { cart } = bag.value;
  change({ cart: { ...cart, [product.id]: (cart[product.id] ?? 0) + 1 } });
  reflex.track('Product Added', propertiesOf(product));
}

export function removeFromCart(product: Product): void {
  const { [product.id]: quantity = 0, ...cart } = bag.value.cart;
  change({ cart });
  reflex.track('Product Removed', propertiesOf(product, quantity));
}

export async function checkOut(): Promise<void> {
  const bought = lines.value;
  reflex.track('Order Completed', {
    order_id: `EH-${crypto.randomUUID().slice(0, 8).toUpperCase()}`,
    revenue: total.value,
    currency: 'KRW',
    products: bought.map(({ product, quantity }) => propertiesOf(product, quantity)),
  });
  change({ cart: {} });
  await Promise.all(
    bought.map(({ product, quantity }) =>
      changeOffer(product, { stock: Math.max(0, offerOf(product).stock - quantity) }),
    ),
  );
}

/** What the visitor had becomes the member's, as it does in Reflex. */
export async function joinWithBag(name: string, push: boolean, night: boolean): Promise<void> {
  const visitors = bags.value[VISITOR] ?? EMPTY;
  const joined = join(name, push, night);
  change({
    liked: [...new Set([...bag.value.liked, ...visitors.liked])],
    cart: { ...bag.value.cart, ...visitors.cart },
  });
  keep(VISITOR, EMPTY);
  await joined;
}

export function leaveShop(): void {
  leave();
  keep(VISITOR, EMPTY);
}
