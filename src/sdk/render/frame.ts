/**
 * A message that brings its own HTML. It lives in a frame with an origin of its own: it reaches neither the page's
 * document nor its storage nor its cookies. It speaks to us over `postMessage`, with a nonce that only it knows:
 *
 *   data-reflex-click="button-id" on an element reports a click, data-reflex-dismiss closes the message
 *
 * The frame inherits the page's policy. Where that forbids inline script the HTML is still shown and can be closed, and
 * its links work, but its clicks aren't reported.
 */
import type { Handlers } from './draw.ts';

export function frameOf(html: string, title: string, handlers: Handlers): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  const nonce = crypto.randomUUID();
  frame.title = title;
  frame.setAttribute('sandbox', 'allow-scripts allow-popups allow-popups-to-escape-sandbox allow-forms');
  frame.referrerPolicy = 'no-referrer';
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><base target="_blank"><script>${bridge(nonce)}</script>${html}`;
  const hear = ({ source, data }: MessageEvent) => {
    if (!frame.isConnected) return removeEventListener('message', hear);
    if (source !== frame.contentWindow || data?.nonce !== nonce) return;
    if (data.type === 'size') frame.style.height = `${Math.min(Number(data.height) || 0, 2_000)}px`;
    if (data.type === 'click') handlers.clicked(String(data.id).slice(0, 100));
    if (data.type === 'dismiss') handlers.dismiss();
  };
  addEventListener('message', hear);
  return frame;
}

const bridge = (nonce: string) => `(()=>{const s=m=>parent.postMessage({nonce:"${nonce}",...m},"*");
document.currentScript.remove();
addEventListener("click",e=>{const t=e.target.closest("[data-reflex-click],[data-reflex-dismiss],a[href]");if(!t)return;
if(t.hasAttribute("data-reflex-dismiss"))s({type:"dismiss"});
else s({type:"click",id:t.getAttribute("data-reflex-click")||t.getAttribute("href")})});
addEventListener("load",()=>new ResizeObserver(()=>s({type:"size",height:document.documentElement.scrollHeight})).observe(document.body))})()`;
