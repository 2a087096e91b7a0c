// What opens: heading, switch, a note when something is wrong, and the list or what stands for it.
import { button, drawing, icon, make } from './dom.js';
import { Rows, focusIn } from './rows.js';

const pigeonholes = [
  'M38 0v84M74 0v84M0 42h112',
  'M8 37h96M8 77h96',
  'M50 51h13v16H50z',
];

export class Panel {
  /** @type {HTMLElement} */
  #body;
  #what = '';
  /** Whether something that was asked for did not work. */
  hasFailed = false;

  /**
   * @param {import('./rows.js').Words} words
   * @param {import('./rows.js').On & { view: (view: 'unread' | 'archive') => void, all: () => void, retry: () => void }} on
   * @param {string | null} inbox the full page
   */
  constructor(words, on, inbox) {
    const { texts } = words;
    this.words = words;
    this.rows = new Rows(words, on);
    this.all = button('mark-all', '', on.all, icon('checks'), texts.markAll);
    this.unread = button('', '', () => on.view('unread'));
    this.archive = button('', '', () => on.view('archive'), texts.all);
    this.said = make('p', '');
    this.note = make('div', 'note', icon('offline'), this.said, button('retry', '', on.retry, icon('refresh'), texts.retry));
    this.#body = make('div', '');
    this.node = make('section', 'popover', { popover: 'manual', id: 'popover', role: 'dialog', 'aria-labelledby': 'title', tabindex: '-1' },
      make('div', 'header', make('h2', '', { id: 'title' }, texts.title), this.all,
        make('div', 'switch', { role: 'group', 'aria-label': texts.show }, this.unread, this.archive)),
      this.note, this.#body,
      inbox ? make('div', 'footer', make('a', '', { href: inbox }, texts.openInbox)) : '');
  }

  /** @param {import('./shown-list.js').ShownList} list @param {import('./restante-client.js').RestanteClient} client */
  update(list, { count, health: { state, retryAt = 0 } }) {
    const { texts, language: { number, clock } } = this.words;
    const { at, items, view } = list;
    const hadFocus = this.node.contains(focusIn(this.node));
    this.unread.textContent = texts.unread + (count ? ` ${number.format(count)}` : '');
    this.unread.ariaPressed = `${view === 'unread'}`;
    this.archive.ariaPressed = `${view !== 'unread'}`;
    this.all.disabled = !at || !count;

    const isDown = state === 'error';
    const seconds = Math.max(0, Math.ceil(((isDown ? retryAt : list.retryAt) - Date.now()) / 1000));
    const trouble = state === 'offline' ? texts.offline(at ? clock.format(at) : null)
      : state === 'signed-out' ? texts.signedOut
        : isDown || list.retryAt ? texts.failed(seconds, number.format(seconds))
          : this.hasFailed ? texts.notDone : '';
    if (this.said.textContent !== trouble) this.note.firstChild?.replaceWith(icon(state === 'offline' ? state : 'warning'));
    this.said.textContent = trouble;
    this.note.hidden = !trouble;

    this.rows.show(at ? items : [], !!list.next);
    this.#fill(!at ? 'skeleton' : items.length || list.next ? 'list' : view);
    // What had the focus is gone.
    if (hadFocus && !focusIn(this.node)) this.node.focus();
    return trouble;
  }

  /** @param {string} what the list, or the view that is empty */
  #fill(what) {
    if (this.#what === what) return;
    this.#what = what;
    const { texts } = this.words;
    const wait = () => make('div', 'item skeleton', { 'aria-hidden': 'true' },
      make('span', 'stamp'), make('div', '', make('i', ''), make('i', '')));
    const body = what === 'list' ? this.rows.node
      : what === 'skeleton'
        ? make('div', 'list', { role: 'group', 'aria-busy': 'true', 'aria-labelledby': 'title' }, make('span', 'vh', texts.loading), wait(), wait(), wait())
        : make('div', 'empty', drawing('0 0 112 84', ...pigeonholes), make('strong', '', what === 'unread' ? texts.empty : texts.emptyAll), make('p', '', texts.emptyHint));
    this.#body.replaceWith(body);
    this.#body = body;
  }
}
