// What the bell looks like. Every public knob is --restante-*; --r-* is internal. Logical properties
// throughout, so that right-to-left costs one rule for each fixed box. Without spaces that mean
// nothing: every visitor loads it.

/** The colours, in light and in dark. */
const colours = `accent #7a2859 #e8a0c8
on-accent #fff #35102a
surface #fff #1e1a20
sunken #f4f1f4 #161317
ink #231c24 #f1ecf2
muted #625863 #b5aab7
line #e0dae0 #39323b
edge #8d828e #83778a
info #1d5fa8 #8fbcf2
success #1c6b45 #7fcfa3
warning #875400 #ecbb5c
error #b3231f #ff9d90
custom #544b57 #c3b8c6
shade #231c2430 #0009`;

/** The colours, as the knobs or else the choice of two values have them. @param {string} choice */
const tokens = (choice) => colours.replace(/(\S+) (\S+) (\S+)/g, `--r-$1:var(--restante-$1,${choice});`);

export const style = new CSSStyleSheet();
// Browsers that cannot choose by `color-scheme` have the light ones.
style.replaceSync(`:host{${tokens('$2')}}@supports(color:light-dark(red,red)){:host{${tokens('light-dark($2,$3)')}}}
:host{--r-tint:color-mix(in oklab,var(--r-accent) 6%,var(--r-surface));--r-radius:var(--restante-radius,10px);--r-shadow:var(--restante-shadow,0 1px 2px var(--r-shade),0 12px 32px -8px var(--r-shade));display:inline-block;position:relative;color:var(--r-ink);text-align:start;font-family:var(--restante-font,inherit);font-size:var(--restante-font-size,.875rem);line-height:1.43}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box;margin:0}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;border-radius:6px}
:focus-visible{outline:2px solid var(--r-accent);outline-offset:2px}
.icon{flex:none;inline-size:20px;aspect-ratio:1;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.vh{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.button,.stamp,.actions button{display:grid;place-items:center}
.header,.switch,.note,.meta,.actions{display:flex;align-items:center}
.mark-all,.retry,.more,.switch button,.footer a{min-block-size:44px;color:var(--r-muted)}
.mark-all,.retry,.footer a{display:inline-flex;gap:6px;align-items:center;padding-inline:8px;color:var(--r-accent);text-decoration:none}
.mark-all,.retry,.switch,.footer,[data-unread] .text{font-weight:550}
.mark-all:hover,.retry:hover,.more:hover,.footer a:hover,.item:hover .text a{text-decoration:underline;text-underline-offset:3px}
.list:focus-visible,.more:focus-visible,.actions :focus-visible{outline-offset:-3px}
.note,.item,.empty{color:var(--r-muted)}
[data-level]{--lv:var(--r-custom);--st:var(--lv);--si:var(--r-surface)}
[data-level=info]{--lv:var(--r-info)}
[data-level=success]{--lv:var(--r-success)}
[data-level=warning]{--lv:var(--r-warning);--st:var(--restante-warning-stamp,#f1b63e);--si:#2b1c00}
[data-level=error]{--lv:var(--r-error)}
.stamp{--d:5px;inline-size:30px;block-size:35px;color:var(--lv);background:color-mix(in oklab,var(--lv) 16%,var(--r-surface));mask:radial-gradient(50% 50%,#0000 60%,#000 70%) calc(var(--d)/-2) calc(var(--d)/-2)/var(--d) var(--d),linear-gradient(#000 0 0) center/calc(100% - var(--d)) calc(100% - var(--d)) no-repeat}
[data-unread] .stamp{color:var(--si);background:var(--st)}
.stamp .icon{inline-size:16px}
.button{position:relative;inline-size:var(--restante-size,44px);aspect-ratio:1;color:var(--restante-icon,inherit);border-radius:var(--r-radius);anchor-name:--rb}
.button:hover,[aria-expanded=true],.actions button:hover{background:color-mix(in oklab,currentColor 9%,#0000)}
.button .icon{inline-size:22px}
.badge{position:absolute;inset-block-start:1px;inset-inline-start:57%;min-inline-size:16px;padding-inline:4px;font-size:11px;font-weight:700;line-height:16px;text-align:center;color:var(--restante-badge-ink,var(--r-on-accent));background:var(--restante-badge,var(--r-accent));border-radius:4px;box-shadow:0 0 0 1.5px var(--restante-badge-ring,var(--r-surface))}
[data-offline] .badge{color:var(--r-ink);background:var(--r-surface);outline:1.5px dashed;outline-offset:-1.5px}
.popover,.toasts{position:fixed;padding:0;z-index:9;color:var(--r-ink)}
.popover,.toasts .item{background:var(--r-surface);border:1px solid var(--r-line);border-radius:var(--r-radius);box-shadow:var(--r-shadow)}
.popover{inset:60px 16px auto auto;inline-size:min(var(--restante-width,440px),100vw - 16px);max-block-size:min(var(--restante-height,600px),100dvh - 76px);overflow:hidden;outline:0}
.popover:dir(rtl),.toasts:dir(rtl){inset-inline:auto 16px}
.popover:not(.open),.toasts:empty{display:none}
.open{display:flex;flex-direction:column}
@supports(position-area:end){.open{inset:auto;margin:6px 8px;position-anchor:--rb;position-area:block-end span-inline-start;position-try-fallbacks:flip-inline}}
.header{flex-wrap:wrap;padding-inline:16px 8px;border-block-end:1px solid var(--r-line)}
h2{flex:1;font-size:16px;line-height:44px}
h2,strong,b{font-weight:650}
:disabled{visibility:hidden}
.switch{flex-basis:100%;gap:20px}
.switch button{min-inline-size:32px;border-radius:4px 4px 0 0}
.switch :hover,[aria-pressed=true],[data-unread] .text,strong,.actions :hover{color:var(--r-ink)}
[aria-pressed=true]{box-shadow:inset 0 -2px var(--r-accent)}
.note{gap:10px;padding-inline:16px 8px;background:var(--r-sunken);border-block-end:1px solid var(--r-line)}
.note p{flex:1;padding-block:8px}
.list{list-style:none;padding:0;overflow:auto;flex:1}
.item{position:relative;display:grid;grid-template-columns:30px 1fr auto;gap:0 12px;align-items:start;padding-block:12px;padding-inline:16px 4px}
.item+*,.footer{border-block-start:1px solid var(--r-line)}
.item:hover,.item:focus-within{background:var(--r-tint)}
.text{overflow-wrap:anywhere;white-space:pre-line;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:var(--restante-lines,3);overflow:hidden}
.text a{color:inherit;text-decoration:none;outline:0}
.text a::after{content:"";position:absolute;inset:0}
.text a:focus-visible::after{outline:2px solid var(--r-accent);outline-offset:-3px;border-radius:6px}
.meta{flex-wrap:wrap;gap:0 10px;margin-block-start:2px;font-size:12px;line-height:18px;overflow-wrap:anywhere}
.meta *{unicode-bidi:isolate}
b{color:var(--lv)}
.meta .icon{inline-size:12px}
.stamp .icon,.meta .icon{stroke-width:2}
.meta .icon:dir(rtl){scale:-1 1}
.actions{position:relative;margin-block:-8px}
.actions button{inline-size:44px;aspect-ratio:1;color:var(--r-muted)}
.read::before{content:"";inline-size:9px;aspect-ratio:1;border-radius:9px;background:var(--r-accent)}
.read::before,.read .icon{grid-area:1/1}
.read:not(:hover,:focus-visible) .icon,.read:is(:hover,:focus-visible)::before{opacity:0}
@media(hover:hover) and (width>=480px){.item:not(:hover,:focus-within) .dismiss{opacity:0}}
@media(width<480px){.popover,.toasts{inset-inline:8px!important}.list .actions{flex-direction:column-reverse}.item{padding-block:10px}}
.footer{padding-inline:8px}
.more{inline-size:100%}
.empty{display:grid;justify-items:center;gap:4px;padding:40px 32px 44px;text-align:center}
.empty svg{inline-size:112px;aspect-ratio:4/3;margin-block-end:12px;stroke:var(--r-edge);border:1.5px solid var(--r-edge);border-radius:6px}
path+path{opacity:.45;stroke-dasharray:24 12}
path+path+path{opacity:1;stroke:var(--r-accent);stroke-dasharray:2 2.2}
i{display:block;block-size:10px;margin-block:5px;border-radius:4px}
i,.skeleton .stamp{background:var(--r-line)}
i+i{inline-size:38%}
.toasts{inset:auto 16px 16px auto;inline-size:min(380px,100vw - 16px);display:grid;gap:8px;border:0;background:none;overflow:visible}
@media(prefers-reduced-motion:no-preference){
.open,.toasts .item{animation:in .16s ease-out}
i{animation:wait 1.2s infinite alternate}
button{transition:background-color .12s,color .12s}
@keyframes in{from{opacity:0;translate:0 -6px}}
@keyframes wait{to{opacity:.45}}
}
@media(forced-colors:active){.stamp,.read::before{forced-color-adjust:none}.read::before{background:CanvasText}.badge{border:1px solid}[aria-pressed=true]{text-decoration:underline}}
`);
