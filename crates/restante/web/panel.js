// What opens: heading, switch, a note when something is wrong, and the list or what stands for it.
import { drawing, icon, make } from './dom.js';
import { Rows } from './rows.js';

/** @typedef {import('./restante-client.js').RestanteClient} RestanteClient */
/** @typedef {import('./shown-list.js').ShownList} ShownList */

const pigeonholes = 'M8 2h96a6 6 0 0 1 6 6v68a6 6 0 0 1-6 6h-96a6 6 0 0 1-6-6v-68a6 6 0 0 1 6-6zM38 2v80M74 2v80M2 42h108';
const slots = 'M44 37h24M8 37h24M80 37h24M8 77h24M44 77h24M80 77h24';
const waiting = 'M50 51h13v16h-13z';

export class Panel {
  #body;
  #failed = false;

  /**
   * @param {import('./row.js').Words} words
   * @param {ConstructorParameters<typeof Rows>[1] & { view: (view: 'unread' | 'archive') => void, all: () => void, more: () => void, retry: () => void }} on
   */
  constructor(words, on) {
    const { texts } = words;
    this.words = words;
    this.rows = new Rows(words, on, on.more);
    this.all = make('button', { class: 'text-btn', part: 'mark-all', type: 'button', click: on.all }, icon('checks'), texts.markAll);
    this.unread = make('button', { type: 'button', click: () => on.view('unread') });
    this.archive = make('button', { type: 'button', click: () => on.view('archive') }, texts.all);
    this.noteText = make('p');
    this.noteIcon = make('span');
    this.note = make('div', { class: 'note', part: 'note', hidden: true }, this.noteIcon, this.noteText,
      make('button', { class: 'text-btn', type: 'button', click: on.retry }, icon('refresh'), texts.retry));
    this.foot = make('div', { class: 'foot', part: 'footer' });
    this.#body = this.#skeleton();
    this.node = make('section', {
      class: 'popover', part: 'popover', id: 'popover', popover: 'auto', role: 'dialog', 'aria-labelledby': 'title', tabindex: '-1', autofocus: true,
    },
    make('div', { class: 'head', part: 'header' }, make('h2', { id: 'title' }, texts.title), this.all,
      make('div', { class: 'switch', part: 'switch', role: 'group', 'aria-label': texts.show }, this.unread, this.archive)),
    this.note, this.#body, this.foot);
  }

  /** The link to the full page, if there is one. @param {string | null} href */
  set inbox(href) {
    this.foot.hidden = !href;
    this.foot.replaceChildren(href ? make('a', { class: 'text-btn', href }, this.words.texts.openInbox) : '');
  }

  /** Something that was asked for did not work. */
  fail() {
    this.#failed = true;
  }

  /** @param {ShownList} list @param {RestanteClient} client */
  update(list, { count, health }) {
    const { texts, language } = this.words;
    const number = count ? make('span', {}, language.number.format(count)) : '';
    this.unread.replaceChildren(texts.unread, number && ' ', number);
    this.unread.setAttribute('aria-pressed', String(list.view === 'unread'));
    this.archive.setAttribute('aria-pressed', String(list.view === 'archive'));
    const root = /** @type {ShadowRoot} */ (this.node.getRootNode());
    const hadFocus = this.node.contains(root.activeElement);
    this.all.disabled = !list.isLoaded || !count;
    this.#note(list, health);
    const isEmpty = list.items.length === 0 && !list.next;
    if (list.isLoaded && !isEmpty) this.rows.show(list.items, list.next !== null);
    // Rows that are not shown are not kept either.
    else this.rows.show([], false);
    this.#fill(!list.isLoaded ? 'skeleton' : isEmpty ? `empty ${list.view}` : 'list');
    // What had the focus is gone.
    if (hadFocus && !this.node.contains(root.activeElement)) this.node.focus();
  }

  /** What is wrong, in words; nothing is an empty text. @param {ShownList} list @param {import('./types.d.ts').Health} health */
  trouble(list, { state, retryAt }) {
    const { texts, language } = this.words;
    if (state === 'offline') return texts.offline(list.at && language.clock.format(list.at));
    if (state === 'signed-out') return texts.signedOut;
    const isDown = state === 'error';
    if (isDown || list.retryAt) {
      const seconds = Math.max(0, Math.ceil((((isDown && retryAt) || list.retryAt) - Date.now()) / 1000));
      return texts.failed(seconds, language.number.format(seconds));
    }
    return this.#failed ? texts.notDone : '';
  }

  /** @param {ShownList} list @param {import('./types.d.ts').Health} health */
  #note(list, health) {
    const text = this.trouble(list, health);
    this.note.hidden = !text;
    if (this.noteText.textContent === text) return;
    this.noteText.textContent = text;
    this.noteIcon.replaceChildren(icon(health.state === 'offline' ? 'offline' : 'warning'));
  }

  /** What was done since is fine. */
  calm() {
    this.#failed = false;
  }

  /** @param {string} what */
  #fill(what) {
    if (this.#body.dataset.what === what) return;
    const body = what === 'list' ? this.rows.node : what === 'skeleton' ? this.#skeleton() : this.#empty(what);
    body.dataset.what = what;
    this.#body.replaceWith(body);
    this.#body = body;
  }

  /** @returns {HTMLElement} */
  #skeleton() {
    const row = () => make('div', { class: 'item skeleton', part: 'skeleton', 'aria-hidden': 'true' },
      make('span', { class: 'stamp' }), make('div', {}, make('i'), make('i')));
    return make('div', { class: 'list', part: 'list', role: 'group', 'aria-busy': 'true', 'aria-labelledby': 'title', 'data-what': 'skeleton' },
      make('span', { class: 'vh' }, this.words.texts.loading), row(), row(), row());
  }

  /** @param {string} what */
  #empty(what) {
    const { texts } = this.words;
    const picture = drawing(pigeonholes, '0 0 112 84', {});
    picture.append(...drawing(slots, '', {}).children, ...drawing(waiting, '', {}).children);
    picture.children[1]?.setAttribute('class', 'slots');
    picture.children[2]?.setAttribute('class', 'waiting');
    return make('div', { class: 'empty', part: 'empty' }, picture,
      make('strong', {}, what === 'empty unread' ? texts.empty : texts.emptyAll), make('p', {}, texts.emptyHint));
  }
}
