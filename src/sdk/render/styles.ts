/**
 * How messages look. An app themes them by custom properties, which reach into the shadow root:
 * `--reflex-background --reflex-text --reflex-accent --reflex-accent-text --reflex-radius --reflex-font --reflex-z`, and
 * `--reflex-inset-end`, the width of a side bar that banners and slide-ups leave free.
 * Logical properties only, so that right-to-left needs no rules of its own; everything is out of the page's flow, so
 * that nothing on the page moves.
 */
const CSS = `
:host{all:initial;color-scheme:light dark}
*{box-sizing:border-box}
.m{--b:var(--reflex-background,light-dark(#fff,#1c1c1f));--t:var(--reflex-text,light-dark(#1a1a1e,#f4f4f6));
 --a:var(--reflex-accent,light-dark(#1a1a1e,#f4f4f6));--at:var(--reflex-accent-text,light-dark(#fff,#1a1a1e));
 font:16px/1.5 var(--reflex-font,system-ui,-apple-system,"Apple SD Gothic Neo","Noto Sans KR",sans-serif);
 color:var(--t);background:var(--b);border:0;border-radius:var(--reflex-radius,14px);padding:0;margin:0;
 box-shadow:0 12px 40px #0003;overflow:auto;overscroll-behavior:contain;word-break:keep-all;overflow-wrap:anywhere;
 animation:in .22s ease-out;z-index:var(--reflex-z,2147483000)}
dialog.m{position:fixed;inset:0;margin:auto;width:min(26rem,calc(100vw - 2rem));max-height:calc(100dvh - 2rem)}
dialog::backdrop{background:#0007}
.fullscreen{width:100vw!important;max-width:none;height:100dvh;max-height:none!important;border-radius:0;
 display:grid;align-content:center;text-align:center}
.banner{position:fixed;inset-block-start:max(.75rem,env(safe-area-inset-top));inset-inline:.75rem calc(.75rem + var(--reflex-inset-end,0px));max-width:44rem;
 margin-inline:auto}
.slideup{position:fixed;inset-block-end:max(.75rem,env(safe-area-inset-bottom));inset-inline-end:calc(.75rem + var(--reflex-inset-end,0px));
 width:min(24rem,calc(100vw - 1.5rem));max-height:80dvh}
.card{box-shadow:0 1px 3px #0003;position:relative;animation:none;z-index:auto}
.i{display:block;width:100%;aspect-ratio:16/9;object-fit:cover;background:#8882}
.c{padding:1.25rem 1.25rem 1.1rem;padding-inline-end:3rem}
.fullscreen .c{padding:2rem;max-width:34rem;margin-inline:auto}
h2{font-size:1.15em;line-height:1.35;margin:0 0 .35rem}
p{margin:0;white-space:pre-line}
.bs{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1rem}
.fullscreen .bs{justify-content:center}
button{font:inherit;color:inherit;cursor:pointer;border:0}
button:focus-visible{outline:3px solid color-mix(in srgb,var(--a) 55%,#48f);outline-offset:2px}
.b{min-height:44px;padding:.55rem 1.1rem;border-radius:calc(var(--reflex-radius,14px)*.7);background:#8883}
.b:first-child{background:var(--a);color:var(--at)}
.x{position:absolute;inset-block-start:.35rem;inset-inline-end:.35rem;width:44px;height:44px;border-radius:50%;
 background:none;font-size:1.35rem;line-height:1}
.x:hover{background:#8882}
iframe{display:block;width:100%;border:0;height:18rem;max-height:80dvh;background:transparent}
@keyframes in{from{opacity:0;transform:translateY(.6rem)}}
@media(prefers-reduced-motion:reduce){.m{animation:none}}
`;

let sheet: CSSStyleSheet | undefined;

/** A shadow root with the styles. A constructed sheet is not inline style: a page's strict policy lets it be. */
export function styledRoot(host: Element): ShadowRoot {
  const root = host.attachShadow({ mode: 'open' });
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  root.adoptedStyleSheets = [sheet];
  return root;
}
