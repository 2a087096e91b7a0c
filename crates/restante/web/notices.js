// What is said by itself: toasts for who looks, announcements for who listens.
import { button, icon, make } from './dom.js';
import { draw } from './rows.js';

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {import('./rows.js').Words} Words */

const mostToasts = 3;
/** How long announcements are gathered, to be said at once, in milliseconds. */
const gather = 800;

/** The messages stay in the inbox. */
export class Toasts {
  node = make('div', 'toasts', { popover: 'manual', role: 'region' });
  /** @type {Map<number, Element>} */
  #shown = new Map();

  /** @param {Item} item @param {Words} words @param {number} seconds @param {(event: MouseEvent) => void} open */
  show(item, words, seconds, open) {
    const { texts } = words;
    const close = () => this.remove(item.id);
    const { node } = draw('div', item, words, (event) => {
      open(event);
      close();
    });
    node.dataset.unread = '';
    node.setAttribute('part', 'toast');
    node.append(make('div', 'actions', button('', texts.closeToast, close, icon('x'))));
    this.node.setAttribute('aria-label', texts.toasts);
    this.node.append(node);
    this.#shown.set(item.id, node);
    for (const id of [...this.#shown.keys()].slice(0, -mostToasts)) this.remove(id);
    this.node.showPopover?.();
    // Whoever reads it or is about to press something has the time for it.
    const end = (/** @type {number} */ ms) => setTimeout(() => {
      if (node.matches(':hover, :focus-within')) end(1000);
      else close();
    }, ms);
    end(seconds * 1000);
  }

  clear() {
    for (const id of this.#shown.keys()) this.remove(id);
  }

  /** @param {number} id */
  remove(id) {
    this.#shown.get(id)?.remove();
    if (this.#shown.delete(id) && !this.#shown.size) this.node.hidePopover?.();
  }
}

export class Announcer {
  node = make('div', 'vh', { role: 'status' });
  /** @type {string[]} */
  #texts = [];
  /** @type {string[]} */
  #arrived = [];
  #timer = 0;

  /** @param {string} text @param {Words} [words] of a message that came */
  say(text, words) {
    this.words = words ?? this.words;
    (words ? this.#arrived : this.#texts).push(text);
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      const count = this.#arrived.length;
      if (count) this.#texts.push(this.words?.texts.arrived(count, this.words.language.number.format(count), this.#arrived[0] ?? '') ?? '');
      this.node.replaceChildren(...this.#texts.map((line) => make('p', '', { dir: 'auto' }, line)));
      this.#texts = [];
      this.#arrived = [];
      this.#timer = 0;
    }, gather);
  }
}
