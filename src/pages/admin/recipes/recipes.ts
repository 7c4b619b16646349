import { birthday, broadcast, inactive, postPurchase, priceDrop } from './life-recipes.ts';
import type { Recipe } from './recipe.ts';
import { abandonedCart, searchPrompt, signUpNudge } from './visit-recipes.ts';

export const RECIPES: readonly Recipe[] = [
  signUpNudge,
  searchPrompt,
  priceDrop,
  abandonedCart,
  inactive,
  birthday,
  postPurchase,
  broadcast,
];
