import type { Fact } from '../engine/vocabulary.ts';

export interface ProfileFacts {
  profileKey: string;
  facts: readonly Fact[];
}
