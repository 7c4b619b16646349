import { backInStock, lowStock } from './item-recipes.ts';
import { birthday, broadcast, inactive, postPurchase, priceDrop } from './life-recipes.ts';
import type { Recipe } from './recipe.ts';
import { abandonedCart, searchPrompt, signUpNudge } from './visit-recipes.ts';

export const RECIPES: readonly Recipe[] = [
  signUpNudge,
  searchPrompt,
  priceDrop,
  backInStock,
  lowStock,
  abandonedCart,
  inactive,
  birthday,
  postPurchase,
  broadcast,
];
