/** What the shop sells: names and pictures. Prices and stock are the server's. */
import type { Language } from './words.ts';

export type Shape = 'ring' | 'band' | 'heart' | 'chain' | 'pearl' | 'drop' | 'emerald' | 'sapphire';

export interface Product {
  id: string;
  category: string;
  shape: Shape;
  price: number;
  stock: number;
  title: Record<Language, string>;
}

export const CATEGORIES: Record<string, Record<Language, string>> = {
  'thin-rings': { ko: '실반지', en: 'Thin rings' },
  'heart-necklaces': { ko: '하트 목걸이', en: 'Heart necklaces' },
  'pearl-earrings': { ko: '진주 귀걸이', en: 'Pearl earrings' },
  birthstones: { ko: '탄생석', en: 'Birthstones' },
};

const product = (
  id: string,
  category: string,
  shape: Shape,
  price: number,
  stock: number,
  ko: string,
  en: string,
): Product => ({ id, category, shape, price, stock, title: { ko, en } });

export const PRODUCTS: Product[] = [
  product('RG-101', 'thin-rings', 'ring', 68_000, 40, '별빛 실반지', 'Starlight thin ring'),
  product('RG-102', 'thin-rings', 'band', 118_000, 12, '달무늬 가드링', 'Moon guard ring'),
  product('NK-201', 'heart-necklaces', 'heart', 84_000, 25, '하트 펜던트 목걸이', 'Heart pendant necklace'),
  product('NK-202', 'heart-necklaces', 'chain', 52_000, 60, '은하수 체인 목걸이', 'Milky Way chain'),
  product('ER-301', 'pearl-earrings', 'pearl', 45_000, 33, '담수진주 귀걸이', 'Freshwater pearl earrings'),
  product('ER-302', 'pearl-earrings', 'drop', 129_000, 4, '물방울 진주 귀걸이', 'Pearl drop earrings'),
  product('BS-401', 'birthstones', 'emerald', 210_000, 3, '오월의 에메랄드', 'Emerald of May'),
  product('BS-402', 'birthstones', 'sapphire', 238_000, 2, '구월의 사파이어', 'Sapphire of September'),
];
