// What the bell looks like. Every public knob is --restante-*; --r-* is internal. Logical properties
// throughout, so that right-to-left costs one rule for each fixed box.

/** Of each colour the knob, if it is one, and the value in light and dark. */
const colours = [
  ['accent', '#7a2859', '#e8a0c8'],
  ['on-accent', '#fff', '#35102a'],
  ['surface', '#fff', '#1e1a20'],
  ['sunken', '#f4f1f4', '#161317'],
  ['ink', '#231c24', '#f1ecf2'],
  ['muted', '#625863', '#b5aab7'],
  ['line', '#e0dae0', '#39323b'],
  ['edge', '#8d828e', '#83778a'],
  ['info', '#1d5fa8', '#8fbcf2'],
  ['success', '#1c6b45', '#7fcfa3'],
  ['warning', '#875400', '#ecbb5c'],
  ['error', '#b3231f', '#ff9d90'],
  ['custom', '#544b57', '#c3b8c6'],
  ['near-shade', '#231c2414', '#0006'],
  ['far-shade', '#231c2438', '#000a'],
];

/** @param {(light: string, dark: string) => string} choose */
const tokens = (choose) => colours.map(([name = '', light = '', dark = '']) =>
  `--r-${name}:var(--restante-${name},${choose(light, dark)})`).join(';');

const both = tokens((light, dark) => `light-dark(${light},${dark})`);
const light = tokens((value) => value);
const dark = tokens((_, value) => value);

// Browsers that cannot choose by `color-scheme` choose by what the system wants.
const scheme = CSS.supports('color:light-dark(#fff,#000)') ? `:host{${both}}`
  : `:host{${light}}@media(prefers-color-scheme:dark){:host{${dark}}}:host([theme=light]){${light}}:host([theme=dark]){${dark}}`;

export const style = new CSSStyleSheet();
style.replaceSync(`${scheme}
:host {
  --r-tint: color-mix(in oklab, var(--r-accent) 6%, var(--r-surface));
  --r-radius: var(--restante-radius, 10px);
  --r-shadow: var(--restante-shadow, 0 1px 2px var(--r-near-shade), 0 12px 32px -8px var(--r-far-shade));
  display: inline-block; position: relative; color: var(--r-ink);
  font-family: var(--restante-font, inherit); font-size: var(--restante-font-size, .875rem); line-height: 1.43; text-align: start;
}
:host([hidden]) { display: none }
:host([theme=light]) { color-scheme: light }
:host([theme=dark]) { color-scheme: dark }
* { box-sizing: border-box; margin: 0 }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; border-radius: 6px }
:focus-visible { outline: 2px solid var(--r-accent); outline-offset: 2px }
.r-i { flex: none; inline-size: 20px; block-size: 20px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round }
.vh { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

[data-level] { --lv: var(--r-custom); --st: var(--lv); --si: var(--r-surface) }
[data-level=info] { --lv: var(--r-info) }
[data-level=success] { --lv: var(--r-success) }
[data-level=warning] { --lv: var(--r-warning); --st: var(--restante-warning-stamp, #f1b63e); --si: #2b1c00 }
[data-level=error] { --lv: var(--r-error) }
.stamp {
  --d: 5px;
  flex: none; display: grid; place-items: center; inline-size: 30px; block-size: 35px;
  color: var(--lv); background: color-mix(in oklab, var(--lv) 16%, var(--r-surface));
  mask: radial-gradient(50% 50%, #0000 60%, #000 70%) calc(var(--d) / -2) calc(var(--d) / -2) / var(--d) var(--d),
    linear-gradient(#000 0 0) center / calc(100% - var(--d)) calc(100% - var(--d)) no-repeat;
}
[data-unread] > .stamp { color: var(--si); background: var(--st) }
.stamp .r-i { inline-size: 16px; block-size: 16px; stroke-width: 2 }

.button { position: relative; display: grid; place-items: center; inline-size: var(--restante-size, 44px); block-size: var(--restante-size, 44px); color: var(--restante-icon, inherit); border-radius: var(--r-radius); anchor-name: --rb }
.button:hover, .button[aria-expanded=true] { background: color-mix(in oklab, currentColor 9%, #0000) }
.button > .r-i { inline-size: 22px; block-size: 22px }
.badge {
  position: absolute; inset-block-start: 1px; inset-inline-start: 57%; min-inline-size: 16px; padding-inline: 4px;
  font-size: 11px; font-weight: 700; line-height: 16px; text-align: center; font-variant-numeric: tabular-nums;
  color: var(--restante-badge-ink, var(--r-on-accent)); background: var(--restante-badge, var(--r-accent)); border-radius: 4px;
  box-shadow: 0 0 0 1.5px var(--restante-badge-ring, var(--r-surface));
}
[data-offline] .badge { color: var(--r-ink); background: var(--r-surface); outline: 1.5px dashed currentColor; outline-offset: -1.5px }

.popover {
  inline-size: min(var(--restante-width, 440px), 100vw - 16px); max-block-size: min(var(--restante-height, 600px), 100dvh - 76px);
  position: fixed; inset: 60px 16px auto auto; padding: 0; overflow: hidden; z-index: 9999;
  color: var(--r-ink); background: var(--r-surface); border: 1px solid var(--r-line); border-radius: var(--r-radius); box-shadow: var(--r-shadow);
}
.popover:focus { outline: 0 }
.popover:dir(rtl), .toasts:dir(rtl) { inset-inline: auto 16px }
.popover:not(.open), .toasts:empty { display: none }
.popover.open { display: flex; flex-direction: column }
@supports (position-area: end) { .popover.open { inset: auto; margin: 6px 8px; position-anchor: --rb; position-area: block-end span-inline-start; position-try-fallbacks: flip-inline } }
.head { display: flex; flex-wrap: wrap; align-items: center; padding-inline: 16px 8px; border-block-end: 1px solid var(--r-line) }
h2 { flex: 1; font-size: 16px; line-height: 44px; font-weight: 650 }
.text-btn { display: inline-flex; gap: 6px; align-items: center; min-block-size: 44px; padding-inline: 8px; color: var(--r-accent); font-weight: 550; white-space: nowrap }
.text-btn:hover, .more:hover { text-decoration: underline; text-underline-offset: 3px }
.text-btn[disabled] { visibility: hidden }
.switch { flex-basis: 100%; display: flex; gap: 20px }
.switch button { min-block-size: 44px; min-inline-size: 32px; color: var(--r-muted); font-weight: 550; border-radius: 4px 4px 0 0 }
.switch button:hover { color: var(--r-ink) }
.switch [aria-pressed=true] { color: var(--r-ink); box-shadow: inset 0 -2px var(--r-accent) }
.note { display: flex; gap: 10px; align-items: center; padding-inline: 16px 8px; background: var(--r-sunken); border-block-end: 1px solid var(--r-line); color: var(--r-muted) }
.note[hidden] { display: none }
.note p { flex: 1; padding-block: 8px }
.list { list-style: none; padding: 0; overflow: auto; overscroll-behavior: contain; flex: 1 }
.list:focus-visible { outline-offset: -3px }
.item { position: relative; display: grid; grid-template-columns: 30px 1fr auto; gap: 0 12px; align-items: start; padding-block: 12px; padding-inline: 16px 4px }
.item + .item { border-block-start: 1px solid var(--r-line) }
.item:hover, .item:focus-within { background: var(--r-tint) }
.text { overflow-wrap: anywhere; white-space: pre-line; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: var(--restante-lines, 3); overflow: hidden; color: var(--r-muted) }
[data-unread] .text { color: var(--r-ink); font-weight: 550 }
.text a { color: inherit; text-decoration: none }
.text a::after { content: ""; position: absolute; inset: 0 }
.text a:focus-visible { outline: 0 }
.text a:focus-visible::after { outline: 2px solid var(--r-accent); outline-offset: -3px; border-radius: 6px }
.item:hover .text a { text-decoration: underline; text-underline-offset: 3px }
.meta { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: center; margin-block-start: 2px; font-size: 12px; line-height: 18px; color: var(--r-muted); overflow-wrap: anywhere }
.meta > * { unicode-bidi: isolate }
.meta b { color: var(--lv); font-weight: 600 }
.meta .r-i { inline-size: 12px; block-size: 12px; stroke-width: 2 }
.meta .r-i:dir(rtl) { scale: -1 1 }
.acts { position: relative; display: flex; margin-block: -8px }
.acts button { inline-size: 44px; block-size: 44px; display: grid; place-items: center; color: var(--r-muted) }
.acts button:hover { color: var(--r-ink); background: color-mix(in oklab, currentColor 10%, #0000) }
.acts button:focus-visible { outline-offset: -4px }
.read::before { content: ""; grid-area: 1/1; inline-size: 9px; block-size: 9px; border-radius: 9px; background: var(--r-accent) }
.read > .r-i { grid-area: 1/1; opacity: 0 }
.read:is(:hover, :focus-visible)::before { opacity: 0 }
.read:is(:hover, :focus-visible) > .r-i { opacity: 1 }
@media (hover: hover) and (width >= 480px) { .list .item:not(:hover, :focus-within) .x { opacity: 0 } }
@media (width < 480px) { .popover, .toasts { inset-inline: 8px !important } .list .acts { flex-direction: column-reverse } .item { padding-block: 10px } }
.foot { display: flex; padding-inline: 8px; border-block-start: 1px solid var(--r-line) }
.foot a { text-decoration: none }
.more { display: block; inline-size: 100%; min-block-size: 44px; color: var(--r-muted); border-block-start: 1px solid var(--r-line); border-radius: 0 }
.more:focus-visible { outline-offset: -3px }
.empty { display: grid; justify-items: center; gap: 4px; padding: 40px 32px 44px; text-align: center; color: var(--r-muted) }
.empty svg { inline-size: 112px; block-size: 84px; margin-block-end: 12px; fill: none; stroke: var(--r-edge); stroke-width: 1.5 }
.empty .waiting { stroke: var(--r-accent); stroke-dasharray: 2 2.2 }
.empty .slots { opacity: .45 }
.empty strong { color: var(--r-ink); font-weight: 650 }
.skeleton i { display: block; block-size: 10px; margin-block: 5px; border-radius: 4px; background: var(--r-line) }
.skeleton i:last-child { inline-size: 38% }
.skeleton .stamp { background: var(--r-line) }
.toasts { position: fixed; inset: auto 16px 16px auto; inline-size: min(380px, 100vw - 16px); display: grid; gap: 8px; border: 0; padding: 0; background: none; overflow: visible; color: var(--r-ink); z-index: 9999 }
.toasts .item { background: var(--r-surface); border: 1px solid var(--r-line); border-radius: var(--r-radius); box-shadow: var(--r-shadow) }
@media (prefers-reduced-motion: no-preference) {
  .popover.open, .toasts .item { animation: in .16s ease-out }
  .skeleton i { animation: wait 1.2s ease-in-out infinite alternate }
  button { transition: background-color .12s, color .12s }
  @keyframes in { from { opacity: 0; translate: 0 -6px } }
  @keyframes wait { to { opacity: .45 } }
}
@media (forced-colors: active) { .stamp { forced-color-adjust: none } .badge, .popover { border: 1px solid } .read::before { forced-color-adjust: none; background: CanvasText } [aria-pressed=true] { text-decoration: underline } }
`);
