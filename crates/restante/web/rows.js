// The list: a row for each item, drawn once and kept, so that focus and scrolling stay where they are.
import { button, icon, make, safeLink } from './dom.js';

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {{ texts: import('./texts.js').Texts, language: import('./language.js').Language }} Words */
/** @typedef {{ node: HTMLElement, update: (item: Item) => void, tick: () => void }} Row */
/** @typedef {{ open: (event: MouseEvent, item: Item) => void, read: (item: Item) => void, dismiss: (item: Item) => void, more: () => void }} On */

/** Levels by their number; one more is the stored twin. @type {Record<number, string>} */
const levels = { 10: 'debug', 20: 'info', 25: 'success', 30: 'warning', 40: 'error' };

/** The beginning of a text, for names of buttons and for announcements. @param {string} text */
export const beginning = (text) => [...text].slice(0, 80).join('');

/** Of a node that has lost the focus, what has it now. @param {Node} node */
export const focusIn = (node) => /** @type {ShadowRoot} */ (node.getRootNode()).activeElement;

/**
 * Stamp and text, with the link if there is one that is safe.
 * @param {'li' | 'div'} tag
 * @param {Item} item
 * @param {Words} words
 * @param {On['open']} open
 */
export function draw(tag, item, { texts, language }, open) {
  const { level, level_tag: own } = item;
  const base = levels[level] ?? levels[level - 1] ?? 'custom';
  const name = (base === 'custom' && own) || base;
  const word = texts.levels[name] ?? name.replace(/./u, (first) => first.toUpperCase());
  const link = safeLink(item.url, location.href);
  const date = new Date(item.date);
  const follow = (/** @type {MouseEvent} */ event) => open(event, item);
  const mark = make('span', 'vh', { dir: 'auto' });
  const time = make('time', '', { datetime: item.date, title: language.full.format(date) });
  const tick = () => {
    const ago = language.ago(date, Date.now());
    if (time.textContent !== ago) time.textContent = ago;
  };
  tick();
  const notes = item.extra_tags.split(' ').filter(Boolean);
  if (item.everyone) notes.push(texts.everyone);
  if (link && link.origin !== location.origin) notes.push(link.host);
  const node = make(tag, 'item', { 'data-level': base },
    make('span', 'stamp', icon(base)),
    make('div', '',
      make('p', 'text', { dir: 'auto' }, mark,
        link ? make('a', '', { href: link.href, rel: 'noopener', click: follow, auxclick: follow }, item.message) : item.message),
      make('p', 'meta', make('b', '', word), time, ...notes.map((note) => make('span', '', note)), link ? icon('out') : '')));
  return { node, mark, tick };
}

export class Rows {
  /** @type {Map<number, Row>} */
  #rows = new Map();

  /** @param {Words} words @param {On} on */
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.last = make('li', '', button('more', '', on.more, words.texts.more));
    this.node = make('ul', 'list', { tabindex: '0', 'aria-labelledby': 'title' });
  }

  /** @param {Item[]} items @param {boolean} hasMore */
  show(items, hasMore) {
    const left = new Set(items.map(({ id }) => id));
    for (const [id, { node }] of this.#rows) {
      if (left.has(id)) continue;
      this.#rows.delete(id);
      this.#remove(node);
    }
    let at = this.node.firstChild;
    for (const item of items) {
      const row = this.#rows.get(item.id) ?? this.#add(item);
      row.update(item);
      // A row that stands right is not touched: to move it would take its focus.
      if (row.node === at) at = at.nextSibling;
      else this.node.insertBefore(row.node, at);
    }
    if (hasMore) this.node.append(this.last);
    else this.last.remove();
  }

  /** Lets every row say anew how long ago it was. */
  tick() {
    for (const { tick } of this.#rows.values()) tick();
  }

  /** @param {number} id */
  focus(id) {
    this.#focus(this.#rows.get(id)?.node);
  }

  /** @param {Item} first */
  #add(first) {
    const { texts } = this.words;
    let item = first;
    const { node, mark, tick } = draw('li', item, this.words, (event) => this.on.open(event, item));
    const text = beginning(item.message);
    const read = button('read', texts.markRead(text), () => this.on.read(item), icon('check'));
    const dismiss = button('dismiss', texts.dismiss(text), () => this.on.dismiss(item), icon('x'));
    const actions = node.appendChild(make('div', 'actions', dismiss));
    /** Shows what may change: whether it is read. @param {Item} now */
    const update = (now) => {
      item = now;
      const { unread } = item;
      mark.textContent = unread ? texts.unreadMark : '';
      node.toggleAttribute('data-unread', unread);
      node.setAttribute('part', unread ? 'item unread' : 'item');
      // Where it is it stays: to put it there again would take its focus.
      if (unread) read.parentNode ?? actions.append(read);
      else {
        if (focusIn(node) === read) dismiss.focus();
        read.remove();
      }
    };
    const row = { node, update, tick };
    this.#rows.set(item.id, row);
    return row;
  }

  /** @param {Element} node */
  #remove(node) {
    const focused = focusIn(node);
    const hadFocus = node.contains(focused);
    const { nextElementSibling: after, previousElementSibling: before } = node;
    node.remove();
    // To the same button of the next row, so that one key may be pressed again and again.
    if (hadFocus) this.#focus(after && after !== this.last ? after : before, `.${focused?.className || 'none'}`);
  }

  /** @param {Element | null | undefined} row @param {string} [first] */
  #focus(row, first = 'a') {
    /** @type {HTMLElement} */ (row?.querySelector(first) ?? row?.querySelector('a,button') ?? this.node).focus();
  }
}
