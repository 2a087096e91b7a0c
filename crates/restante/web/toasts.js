// Short notices of messages that just came. The messages stay in the inbox.
import { icon, make } from './dom.js';
import { draw } from './row.js';

/** @typedef {import('./types.d.ts').Item} Item */

const most = 3;

export class Toasts {
  node = make('div', { class: 'toasts', part: 'toasts', popover: 'manual', role: 'region' });
  #pointed = false;
  /** @type {Map<number, Element>} */
  #shown = new Map();

  constructor() {
    // Whoever reads one or is about to press something has the time for it.
    this.node.addEventListener('pointerenter', () => (this.#pointed = true));
    this.node.addEventListener('pointerleave', () => (this.#pointed = false));
  }

  /**
   * @param {Item} item
   * @param {import('./row.js').Words} words
   * @param {number} seconds
   * @param {(event: MouseEvent) => void} open
   */
  show(item, words, seconds, open) {
    const close = () => this.remove(item.id);
    const follow = (/** @type {MouseEvent} */ event) => {
      open(event);
      close();
    };
    const { node, mark } = draw('div', item, words, { click: follow, auxclick: follow });
    mark.textContent = words.texts.newMark;
    node.toggleAttribute('data-unread', true);
    node.setAttribute('part', 'toast');
    node.append(make('div', { class: 'acts' },
      make('button', { type: 'button', 'aria-label': words.texts.closeToast, click: close }, icon('x'))));
    this.node.setAttribute('aria-label', words.texts.toasts);
    this.node.append(node);
    this.#shown.set(item.id, node);
    for (const id of [...this.#shown.keys()].slice(0, -most)) this.remove(id);
    this.node.showPopover?.();
    const end = () => {
      if (!node.isConnected) return;
      if (this.#pointed || node.matches(':focus-within')) setTimeout(end, 1000);
      else close();
    };
    setTimeout(end, seconds * 1000);
  }

  clear() {
    for (const id of this.#shown.keys()) this.remove(id);
  }

  /** @param {number} id */
  remove(id) {
    const node = this.#shown.get(id);
    if (!node) return;
    const hadFocus = node.matches(':focus-within');
    const next = node.nextElementSibling ?? node.previousElementSibling;
    this.#shown.delete(id);
    node.remove();
    if (hadFocus) next?.querySelector('button')?.focus();
    if (next) return;
    this.#pointed = false;
    this.node.hidePopover?.();
  }
}
