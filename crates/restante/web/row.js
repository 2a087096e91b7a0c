// One message, as a row of the list or as a toast.
import { icon, make } from './dom.js';
import { safeLink } from './link.js';

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {{ texts: import('./texts.js').Texts, language: import('./language.js').Language }} Words */

/** Levels by their number; one more is the stored twin. @type {Record<number, string>} */
const levels = { 10: 'debug', 20: 'info', 25: 'success', 30: 'warning', 40: 'error' };

/** @param {Item} item */
const baseLevel = ({ level }) => levels[level] ?? levels[level - 1];

/** The beginning of a text, for names of buttons and for announcements. @param {string} text */
export const beginning = (text) => [...text].slice(0, 80).join('');

/** @param {Item} item @param {import('./texts.js').Texts} texts */
function levelWord(item, texts) {
  const tag = baseLevel(item) ?? item.level_tag;
  return texts.levels[tag] ?? (tag ? tag[0]?.toUpperCase() + tag.slice(1) : texts.levels.custom ?? '');
}

/**
 * Stamp and text, with the link if there is one that is safe.
 * @param {'li' | 'div'} tag
 * @param {Item} item
 * @param {Words} words
 * @param {Record<string, (event: any) => void>} follow the link's listeners
 */
export function draw(tag, item, { texts, language }, follow) {
  const level = baseLevel(item);
  const link = safeLink(item.url, location.href);
  const date = new Date(item.date);
  const mark = make('span', { class: 'vh' });
  const time = make('time', { datetime: item.date, title: language.full.format(date) });
  const leads = link ? make('a', { href: link.href, rel: 'noopener', ...follow }, item.message) : item.message;
  const node = make(tag, { class: 'item', 'data-level': level ?? 'custom' },
    make('span', { class: 'stamp', part: 'stamp' }, icon(level ?? 'tag')),
    make('div', {},
      make('p', { class: 'text', part: 'text', dir: 'auto' }, mark, leads),
      make('p', { class: 'meta', part: 'meta' },
        make('b', {}, levelWord(item, texts)), time,
        ...item.extra_tags.split(' ').filter(Boolean).map((name) => make('span', {}, name)),
        item.everyone ? make('span', {}, texts.everyone) : null,
        link && link.origin !== location.origin ? make('span', { dir: 'ltr' }, link.host) : null,
        link && icon('out'))));
  const tick = () => {
    time.textContent = language.ago(date, Date.now());
  };
  tick();
  return { node, mark, tick };
}

export class Row {
  /**
   * @param {Item} item
   * @param {Words} words
   * @param {{ open: (event: MouseEvent, item: Item) => void, read: (item: Item) => void, dismiss: (item: Item) => void }} on
   */
  constructor(item, words, on) {
    this.item = item;
    this.texts = words.texts;
    const follow = (/** @type {MouseEvent} */ event) => on.open(event, this.item);
    const { node, mark, tick } = draw('li', item, words, { click: follow, auxclick: follow });
    const text = beginning(item.message);
    this.node = node;
    this.mark = mark;
    this.tick = tick;
    this.read = make('button', { class: 'read', type: 'button', 'aria-label': this.texts.markRead(text), click: () => on.read(this.item) }, icon('check'));
    this.dismiss = make('button', { class: 'x', type: 'button', 'aria-label': this.texts.dismiss(text), click: () => on.dismiss(this.item) }, icon('x'));
    this.actions = node.appendChild(make('div', { class: 'acts', part: 'actions' }, this.dismiss));
    this.update(item);
  }

  /** Shows what may change of an item: whether it is read. @param {Item} item */
  update(item) {
    this.item = item;
    this.mark.textContent = item.unread ? this.texts.unreadMark : '';
    this.node.toggleAttribute('data-unread', item.unread);
    this.node.setAttribute('part', item.unread ? 'item unread' : 'item');
    if (item.unread) this.actions.append(this.read);
    else if (this.read.isConnected) {
      const root = /** @type {ShadowRoot} */ (this.node.getRootNode());
      const hadFocus = root.activeElement === this.read;
      this.read.remove();
      if (hadFocus) this.dismiss.focus();
    }
  }
}
