// The list: a row for each item, drawn once and kept, so that focus and scrolling stay where they are.
import { make } from './dom.js';
import { Row } from './row.js';

/** @typedef {import('./types.d.ts').Item} Item */

/** What focus goes to. @param {Element | null | undefined} node */
const targetIn = (node) => /** @type {HTMLElement | null | undefined} */ (node?.querySelector('a, button'));

export class Rows {
  /** @type {Map<number, Row>} */
  #rows = new Map();

  /**
   * @param {import('./row.js').Words} words
   * @param {ConstructorParameters<typeof Row>[2]} on
   * @param {() => void} more
   */
  constructor(words, on, more) {
    this.words = words;
    this.on = on;
    this.more = make('button', { class: 'more', part: 'more', type: 'button', click: more }, words.texts.more);
    this.last = make('li', {}, this.more);
    this.node = make('ul', { class: 'list', part: 'list', tabindex: '0', 'aria-labelledby': 'title', keydown: (event) => this.#move(event) });
  }

  get #focused() {
    return /** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement;
  }

  /** @param {Item[]} items @param {boolean} hasMore */
  show(items, hasMore) {
    const left = new Set(items.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (!left.has(id)) this.#remove(id, row);
    }
    let at = this.node.firstElementChild;
    for (const item of items) {
      const row = this.#rows.get(item.id);
      if (row) row.update(item);
      const { node } = row ?? this.#add(item);
      // A row that stands right is not touched: to move it would take its focus.
      if (node === at) at = node.nextElementSibling;
      else this.node.insertBefore(node, at);
    }
    if (hasMore) this.node.append(this.last);
    else this.last.remove();
  }

  /** Lets every row say anew how long ago it was. */
  tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  /** @param {number} id */
  focus(id) {
    (targetIn(this.#rows.get(id)?.node) ?? this.node).focus();
  }

  /** @param {Item} item */
  #add(item) {
    const row = new Row(item, this.words, this.on);
    this.#rows.set(item.id, row);
    return row;
  }

  /** @param {number} id @param {Row} row */
  #remove(id, row) {
    const focused = this.#focused;
    const hadFocus = row.node.contains(focused);
    const { nextElementSibling: after, previousElementSibling: before } = row.node;
    const next = after && after !== this.last ? after : before;
    this.#rows.delete(id);
    row.node.remove();
    if (!hadFocus) return;
    // To the same button of the next row, so that one key may be pressed again and again.
    const same = focused?.className && next?.querySelector(`.${focused.className}`);
    (/** @type {HTMLElement | null} */ (same || null) ?? targetIn(next) ?? this.node).focus();
  }

  /** Up, down, home and end go from row to row. @param {KeyboardEvent} event */
  #move(event) {
    const all = [...this.node.children];
    const from = all.findIndex((node) => node.contains(this.#focused));
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: all.length - 1 }[event.key];
    const target = to === undefined ? undefined : targetIn(all[to]);
    if (!target || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    target.focus();
  }
}
