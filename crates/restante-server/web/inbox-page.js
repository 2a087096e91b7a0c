// The page as the server wrote it last: sends its forms without leaving it, asks for it anew, and
// keeps the reader's place. What a message looks like is known to the server alone, so there is one
// way to show it, and nothing that a message says is ever taken for markup.
import { patch } from './inbox-patch.js';

/** An answer that takes longer is none: what comes after it waits for it. */
const PATIENCE = 20_000;

/** The server no longer knows who asks, or takes them for somebody else. */
export class SignedOut extends Error {}

/** The server refused, and says why. */
export class Refused extends Error {
  /** @param {number} status @param {string} words */
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/** @typedef {{ said: string[], arrived: number }} News what the server says, and how many messages are new */

export class Page {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #waiting = 0;
  /** @type {Promise<News> | null} */
  #refresh = null;
  #newest = 0;

  /** @param {() => void} patched told after each change of what is shown */
  constructor(patched) {
    this.patched = patched;
    openByLinks(document);
    this.#arrived();
  }

  get shell() {
    return /** @type {HTMLElement} */ (document.getElementById('shell'));
  }

  /** How many messages were unread when the server wrote this. */
  get unread() {
    return Number(this.shell.dataset.count);
  }

  /**
   * Sends a form as this button of it would.
   * @param {HTMLFormElement} form
   * @param {HTMLButtonElement} button
   * @returns {Promise<News>}
   */
  async send(form, button) {
    const address = button.formAction;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
    // It arrives even if whoever pressed the button leaves at once.
    const send = () => ask(address, { method: 'POST', body, keepalive: true });
    try {
      return await this.#next(send);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 403)) throw error;
    }
    // Signed in anew in another tab. If that was the same user, this page has the new token now.
    await this.refresh();
    const token = document.querySelector('input[name=csrf]');
    if (token instanceof HTMLInputElement) body.set('csrf', token.value);
    return this.#next(send);
  }

  /**
   * Asks for the page anew. What changes while an answer is on its way is asked for once more.
   * @returns {Promise<News>}
   */
  refresh() {
    this.#refresh ??= this.#next(() => {
      this.#refresh = null;
      return ask(location.href, { headers: { 'restante-refresh': '1' } });
    });
    return this.#refresh;
  }

  /**
   * One after the other, so that an old answer never replaces a newer one.
   * @param {() => Promise<Response>} ask
   * @returns {Promise<News>}
   */
  #next(ask) {
    this.#waiting += 1;
    const done = this.#last.then(async () => {
      try {
        return await this.#take(await ask());
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** @param {Response} answer @returns {Promise<News>} */
  async #take(answer) {
    if (answer.status === 401) throw new SignedOut();
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('shell');
    if (!answer.ok || !fresh) {
      throw new Refused(answer.status, page.querySelector('h1')?.textContent ?? answer.statusText);
    }
    if (fresh.dataset.user !== this.shell.dataset.user) throw new SignedOut();
    const said = [...page.querySelectorAll('#said .text')].map((text) => text.textContent ?? '');
    page.getElementById('said')?.remove();
    // Of several in a row only the last is shown: the others do not know what comes after them.
    if (this.#waiting > 1) return { said, arrived: 0 };
    openByLinks(page);
    const place = placeOfFocus();
    patch(this.shell, fresh);
    const [bar, freshBar] = [document.getElementById('bar'), page.getElementById('bar')];
    if (bar && freshBar) patch(bar, freshBar);
    document.title = page.title;
    for (const row of document.querySelectorAll('[data-going]')) row.removeAttribute('data-going');
    returnTo(place);
    this.patched();
    return { said, arrived: this.#arrived() };
  }

  /** How many unread messages are newer than all that were shown before. Ids rise with time. */
  #arrived() {
    const before = this.#newest;
    const rows = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#messages .r-row'));
    let arrived = 0;
    for (const row of rows) {
      const id = Number(row.id.slice('row-'.length));
      if (id > before && 'unread' in row.dataset) arrived += 1;
      this.#newest = Math.max(this.#newest, id);
    }
    return arrived;
  }
}

/** @param {string} address @param {RequestInit} how */
function ask(address, how) {
  return fetch(address, { ...how, signal: AbortSignal.timeout(PATIENCE) });
}

/**
 * An unread message is opened by a button that marks it read. Here its own page sees to that, so it
 * can be a link, which may be copied or opened in another tab.
 * @param {Document} page
 */
function openByLinks(page) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll('button.r-open'))) {
    const link = page.createElement('a');
    link.className = button.className;
    link.href = button.dataset.href ?? '';
    const current = button.getAttribute('aria-current');
    if (current) link.setAttribute('aria-current', current);
    link.append(...button.childNodes);
    button.replaceWith(link);
  }
}

/**
 * The row that has the focus and those below it; `null` if the focus is not in the list.
 * @returns {string[] | null}
 */
function placeOfFocus() {
  const active = document.activeElement;
  if (!active || !document.getElementById('list')?.contains(active)) return null;
  const rows = [...document.querySelectorAll('#messages .r-row')];
  const at = rows.findIndex((row) => row.contains(active));
  return at < 0 ? [] : rows.slice(at).map((row) => row.id);
}

/**
 * If what had the focus is gone: to the same row, to the next, or to the list.
 * @param {string[] | null} place
 */
function returnTo(place) {
  const active = document.activeElement;
  const isThere = active && active !== document.body && (active.checkVisibility?.() ?? true);
  if (!place || isThere) return;
  const row = place.map((id) => document.getElementById(id)).find((row) => row !== null);
  focusRow(row ?? null);
}

/** @param {Element | null} row the list itself if there is none */
export function focusRow(row) {
  const target = row?.querySelector('.r-open') ?? document.getElementById('list');
  if (target instanceof HTMLElement) target.focus();
}
