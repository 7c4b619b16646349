import type { Exit } from '../../../engine/trigger.ts';
import { whoWords } from './describe.ts';
import { onWords } from './describe-on.ts';

export function describeExit({ on, if: condition }: Exit): string {
  return [on ? onWords(on) : '', condition ? whoWords(condition) : ''].filter(Boolean).join(' · ');
}
