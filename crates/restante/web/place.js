// Where the panel stands in browsers that cannot anchor it.

const gap = 6;

/** Below the button, its end at the button's end. @param {HTMLElement} panel @param {HTMLElement} button */
export function place(panel, button) {
  if (CSS.supports('position-area', 'end')) return;
  const { left, right, bottom } = button.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isRightToLeft = getComputedStyle(panel).direction === 'rtl';
  const most = Math.max(gap, width - panel.offsetWidth - gap);
  const offset = Math.min(most, Math.max(gap, isRightToLeft ? left : width - right));
  // Through the object model: a strict policy lets no style attribute in.
  panel.style.insetBlockStart = `${Math.min(bottom + gap, Math.max(gap, height - panel.offsetHeight - gap))}px`;
  panel.style.insetInlineEnd = `${offset}px`;
}
