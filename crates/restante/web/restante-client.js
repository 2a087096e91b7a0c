// The inbox of whoever is signed in, for those who draw it themselves.
import { Backoff, Nap } from './backoff.js';
import { Feed } from './feed.js';
import { Session } from './session.js';
import { Tabs } from './tabs.js';

export { safeLink } from './dom.js';

/** @typedef {import('./types.d.ts').Page} Page */
/** @typedef {import('./types.d.ts').FeedEvent} FeedEvent */

/** @param {number[] | null} ids @returns {FeedEvent} */
const became = (ids, unread = false, gone = false) => ({ type: 'read', data: { ids, unread, gone } });

/**
 * Hears `message` (an item), `read` (what became of items), `count` (`{unread}`), `state` (how the
 * connection is), `stale` (whoever shows a list reads it again) and `reader` (it is another's inbox
 * now), each a CustomEvent with its `detail`.
 */
export class RestanteClient extends EventTarget {
  #session;
  #interval;
  #mark = { id: '', high: 0 };
  /** By how much the stream has changed the count since it last told it, and how often it was told. */
  #moved = 0;
  #counts = 0;
  /** The messages that were told, so that none is told twice. @type {Set<number>} */
  #told = new Set();
  /** @type {Tabs | undefined} */
  #tabs;
  #nap = new Nap();
  #closed = new AbortController();
  #paused = new AbortController();

  /** How many messages are unread; null until it is known. @type {number | null} */
  count = null;
  /** What was visible when they were counted. */
  asOf = '';
  /** How the connection is. @type {import('./types.d.ts').Health} */
  health = { state: 'connecting' };

  /** @param {import('./types.d.ts').ClientOptions} [options] */
  constructor({ api = new URL('../', import.meta.url), token = null, poll = 20 } = {}) {
    super();
    const base = new URL(api, location.href);
    base.pathname = base.pathname.replace(/\/?$/, '/');
    this.#session = new Session(base, token, () => {
      // Another user has signed in: nothing of the one before is kept.
      if (this.#closed.signal.aborted) return;
      this.#told.clear();
      this.#emit('reader');
      this.#join();
    });
    this.#interval = poll * 1000;
    const how = this.#closed;
    addEventListener('online', () => this.#nap.wake(), how);
    document.addEventListener('visibilitychange', () => document.hidden || this.#nap.wake(), how);
    this.#join();
  }

  /** Hears several types of events at once. @param {string[]} types @param {(type: string, detail: any) => void} hear */
  listen(types, hear) {
    for (const type of types) this.addEventListener(type, (event) => hear(type, /** @type {CustomEvent} */ (event).detail));
  }

  /** Another token, perhaps another user's. @param {import('./session.js').Token} token */
  set token(token) {
    this.#session.renew(token);
    this.#join();
  }

  /** A page of the inbox, newest first. @param {import('./types.d.ts').Query} [query] @returns {Promise<Page>} */
  async list(query = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value) search.set(name, String(value));
    const counts = this.#counts;
    const page = await (await this.#session.request(`inbox?${search}`)).json();
    // What was told meanwhile is newer.
    if (counts === this.#counts) this.#count(page.unread, page.as_of);
    return page;
  }

  /** Marks one or several messages read, also while the page is being left. @param {number | number[]} ids */
  markRead(ids) {
    return Array.isArray(ids)
      ? this.#change('inbox/read', became(ids), { ids })
      : this.#change(`inbox/${ids}/read`, became([ids]));
  }

  /** @param {number} id */
  markUnread(id) {
    return this.#change(`inbox/${id}/unread`, became([id], true));
  }

  /** Marks read what was visible then: give the `as_of` of the page that was shown. @param {string} [asOf] */
  markAllRead(asOf = this.asOf) {
    return this.#change('inbox/read', became(null), { as_of: asOf });
  }

  /** Takes a message out of inbox and archive. @param {number} id */
  async dismiss(id) {
    await this.#session.request(`inbox/${id}`, { method: 'DELETE', keepalive: true }).catch((error) => {
      // Gone already, and that is what was wanted.
      if (error.status !== 404) throw error;
    });
    this.#did(became([id], false, true));
  }

  /** Tries again at once, if it waits to. */
  retry() {
    this.#nap.wake();
    this.#tabs?.say({ type: 'hello' });
  }

  /** Hears nothing any more. */
  close() {
    this.#closed.abort();
    this.#paused.abort();
  }

  /** @param {string} path @param {FeedEvent} event @param {object} [json] */
  async #change(path, event, json) {
    const answer = await this.#session.request(path, { method: 'POST', json, keepalive: true });
    const { unread } = await answer.json();
    this.#did(event);
    this.#did({ type: 'count', data: { unread } });
  }

  /** Tells this tab and the others what it did, without waiting for the server to. @param {FeedEvent} event */
  #did(event) {
    this.#hear(event);
    this.#tabs?.say(event);
    if (this.health.state === 'polling') this.retry();
  }

  async #join() {
    this.#paused.abort();
    const { signal } = (this.#paused = new AbortController());
    const session = this.#session;
    const backoff = new Backoff();
    const ail = (/** @type {any} */ error, wait = 0) => {
      const state = /40[13]/.test(error.status) ? 'signed-out' : navigator.onLine ? 'error' : 'offline';
      this.#hear({ type: 'state', data: { state, retryAt: Date.now() + wait } });
    };
    for (let page; !page;) {
      try {
        page = await this.list({ view: 'archive', limit: 1 });
        this.#mark = { id: '', high: page.items[0]?.id ?? 0 };
      } catch (error) {
        const wait = backoff.next();
        if (!signal.aborted) ail(error, wait);
        await this.#nap.sleep(wait, signal);
      }
      if (signal.aborted) return;
    }
    const feed = new Feed(session, this.#mark, (event) => {
      if (signal.aborted) return;
      this.#hear(event);
      tabs.say(event);
    }, signal);
    const { reader, api } = session;
    const tabs = (this.#tabs = new Tabs(reader && `restante ${api} ${reader}`, this.#nap, (isShared) =>
      feed.run(isShared, this.#interval, this.#nap).catch((error) => {
        ail(error);
        throw error;
      }), (said) => this.#listen(said)));
    signal.addEventListener('abort', () => {
      tabs.close();
      this.#tabs = undefined;
    });
    this.#emit('stale');
  }

  /** What another tab says. @param {any} said */
  #listen(said) {
    const tabs = this.#tabs;
    if (said.type !== 'hello') return this.#hear(said);
    // Whoever says so was let in, or wants it tried: it is worth trying again.
    this.#nap.wake();
    if (!tabs?.leads) return;
    tabs.say({ type: 'state', data: this.health });
    tabs.say({ type: 'count', data: { unread: this.count, as_of: this.asOf }, id: this.#mark.id });
  }

  /** @param {FeedEvent} event */
  #hear({ type, data, id }) {
    this.#mark.id = id || this.#mark.id;
    if (type === 'message') {
      const told = this.#told;
      if (told.has(data.id)) return;
      told.add(data.id);
      this.#mark.high = Math.max(this.#mark.high, data.id);
      this.#moved += Number(data.unread);
    } else if (type === 'read') {
      const { ids, unread, gone } = data;
      this.#moved += ids && !gone ? ids.length * (unread ? 1 : -1) : NaN;
    } else if (type === 'count') {
      const { unread, as_of } = data;
      const isExpected = unread === this.count || unread === (this.count ?? 0) + this.#moved;
      this.#count(unread, as_of);
      if (!isExpected) this.#emit('stale');
      return;
    } else if (type === 'state') this.health = data;
    this.#emit(type, data);
  }

  /** @param {number} unread @param {string} [asOf] */
  #count(unread, asOf) {
    this.#counts += 1;
    this.#moved = 0;
    this.asOf = asOf ?? this.asOf;
    if (unread === this.count) return;
    this.count = unread;
    this.#emit('count', { unread });
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    if (!this.#closed.signal.aborted) this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
