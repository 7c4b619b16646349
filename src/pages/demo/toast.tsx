import { signal } from '@preact/signals';
import { t, type Word } from './words.ts';

const STAYS_MS = 4_000;
const said = signal<Word | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(word: Word): void {
  clearTimeout(timer);
  said.value = word;
  timer = setTimeout(() => {
    said.value = null;
  }, STAYS_MS);
}

/** Read out as it comes up: the element is always there. */
export function Toast() {
  return (
    <div class="toast" role="status">
      {said.value && t(said.value)}
    </div>
  );
}
