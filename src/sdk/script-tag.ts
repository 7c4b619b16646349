/**
 * For pages without a bundler:
 *
 *   <script src="https://reflex.example.com/sdk.js" data-write-key="wk_…"></script>
 *
 * makes `window.reflex`, a client of the host that the script came from, and draws messages; `data-mount="false"` leaves
 * that to the page. Without a key it only brings `window.Reflex.createClient`.
 */
import { createClient } from './client.ts';
import type { Client } from './types.ts';

declare global {
  interface Window {
    Reflex: { createClient: typeof createClient };
    reflex?: Client;
  }
}

window.Reflex = { createClient };

const script = document.currentScript as HTMLScriptElement | null;
const { writeKey, mount } = script?.dataset ?? {};
if (script && writeKey) {
  window.reflex = createClient({ endpoint: new URL(script.src).origin, writeKey });
  if (mount !== 'false') void window.reflex.mount();
}
