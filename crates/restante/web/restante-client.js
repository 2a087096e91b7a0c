// The inbox of whoever is signed in, for those who draw it themselves.
import { Backoff, Nap } from './backoff.js';
import { Feed } from './feed.js';
import { RestanteError, Session } from './session.js';
import { Tabs } from './tabs.js';

export { RestanteError };
export { safeLink } from './link.js';

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {import('./types.d.ts').Page} Page */
/** @typedef {import('./types.d.ts').FeedEvent} FeedEvent */

/** How many of the last messages are remembered, so that none is told twice. */
const remembered = 500;

/**
 * Hears `message` (an item), `read` (what became of items), `count` (`{unread}`), `state` (how the
 * connection is), `stale` (whoever shows a list reads it again) and `reader` (it is another's inbox
 * now), each a CustomEvent with its `detail`.
 */
export class RestanteClient extends EventTarget {
  #session;
  #interval;
  #mark = { id: '', high: 0 };
  /** By how much the stream has changed the count since it last told it. */
  #moved = 0;
  /** @type {Set<number>} */
  #told = new Set();
  /** @type {Tabs | undefined} */
  #tabs;
  #nap = new Nap();
  #closed = new AbortController();
  #paused = new AbortController();
  /** How often the count was told. */
  #counts = 0;

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
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    this.#session = new Session(base, token, () => this.#changeReader());
    this.#interval = poll * 1000;
    // A page that the browser keeps for the way back hears nothing and holds no lock.
    const { signal } = this.#closed;
    addEventListener('pagehide', () => this.#leave(), { signal });
    addEventListener('pageshow', (event) => event.persisted && void this.#join(), { signal });
    addEventListener('online', () => this.#nap.wake(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.#nap.wake(), { signal });
    void this.#join();
  }

  /** Where the inbox's routes are. */
  get api() {
    return this.#session.api.href;
  }

  /** Another token, perhaps another user's. @param {import('./session.js').Token} token */
  set token(token) {
    this.#session.renew(token);
    this.#leave();
    void this.#join();
  }

  /** A page of the inbox, newest first. @param {import('./types.d.ts').Query} [query] @returns {Promise<Page>} */
  async list(query = {}) {
    const all = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
    const search = new URLSearchParams(all.map(([name, value]) => [name, String(value)]));
    const counts = this.#counts;
    /** @type {Page} */
    const page = await this.#json(`inbox?${search}`);
    // What was told meanwhile is newer.
    if (counts === this.#counts) this.#count(page.unread, page.as_of);
    return page;
  }

  /** One message. @param {number} id @returns {Promise<Item>} */
  get(id) {
    return this.#json(`inbox/${id}`);
  }

  /** Marks one or several messages read, also while the page is being left. @param {number | number[]} ids */
  async markRead(ids) {
    const list = [ids].flat();
    const path = list.length === 1 ? `inbox/${list[0]}/read` : 'inbox/read';
    await this.#change(path, { ids: list, unread: false, gone: false }, list.length === 1 ? undefined : { ids: list });
  }

  /** @param {number} id */
  async markUnread(id) {
    await this.#change(`inbox/${id}/unread`, { ids: [id], unread: true, gone: false });
  }

  /** Marks read what was visible then: give the `as_of` of the page that was shown. @param {string} [asOf] */
  async markAllRead(asOf = this.asOf) {
    await this.#change('inbox/read', { ids: null, unread: false, gone: false }, { as_of: asOf });
  }

  /** Takes a message out of inbox and archive. @param {number} id */
  async dismiss(id) {
    await this.#session.request(`inbox/${id}`, { method: 'DELETE', keepalive: true }).catch((error) => {
      // Gone already, and that is what was wanted.
      if (error.status !== 404) throw error;
    });
    this.#did({ type: 'read', data: { ids: [id], unread: false, gone: true } });
  }

  /** Tries again at once, if it waits to. */
  retry() {
    this.#nap.wake();
    this.#tabs?.say({ type: 'retry' });
  }

  /** Hears nothing any more. */
  close() {
    this.#closed.abort();
    this.#leave();
  }

  /** @param {string} path */
  async #json(path) {
    return (await this.#session.request(path)).json();
  }

  /** @param {string} path @param {import('./types.d.ts').Change} data @param {unknown} [body] */
  async #change(path, data, body) {
    const answer = await this.#session.request(path, { method: 'POST', body, keepalive: true });
    const { unread } = await answer.json();
    this.#did({ type: 'read', data });
    this.#did({ type: 'count', data: { unread } });
  }

  /** Tells this tab and the others what it did, without waiting for the server to. @param {FeedEvent} event */
  #did(event) {
    this.#hear(event, true);
    this.#tabs?.say(event);
    if (this.health.state === 'polling') this.retry();
  }

  async #join() {
    const { signal } = (this.#paused = new AbortController());
    const session = this.#session;
    const backoff = new Backoff();
    for (;;) {
      try {
        const page = await this.list({ view: 'archive', limit: 1 });
        if (signal.aborted) return;
        this.#mark = { id: page.as_of, high: page.items[0]?.id ?? 0 };
        break;
      } catch (error) {
        if (signal.aborted) return;
        const wait = backoff.next();
        this.#ail(error, wait);
        await this.#nap.sleep(wait, signal);
      }
    }
    const feed = new Feed(session, this.#mark, this.#interval, this.#nap, (event) => {
      if (signal.aborted) return;
      this.#hear(event);
      tabs.say(event);
    });
    const { reader } = session;
    const name = reader && `restante ${this.api} ${reader}`;
    const lead = (/** @type {AbortSignal} */ until) => feed.run(until).catch((error) => {
      this.#ail(error, 0);
      throw error;
    });
    const tabs = (this.#tabs = new Tabs(name, this.#nap, lead, (said) => this.#listen(said)));
    signal.addEventListener('abort', () => tabs.close());
    this.#emit('stale', {});
  }

  #leave() {
    this.#paused.abort();
    this.#tabs = undefined;
  }

  /** Another user has signed in: nothing of the one before is kept. */
  #changeReader() {
    if (this.#closed.signal.aborted) return;
    this.#leave();
    this.#told.clear();
    this.#emit('reader', {});
    void this.#join();
  }

  /** What another tab says. @param {any} said */
  #listen(said) {
    if (said.type !== 'hello' && said.type !== 'retry') return this.#hear(said);
    if (!this.#tabs?.leads) return;
    if (said.type === 'retry') this.#nap.wake();
    else {
      this.#tabs.say({ type: 'state', data: this.health });
      this.#tabs.say({ type: 'count', data: { unread: this.count, as_of: this.asOf }, id: this.#mark.id });
    }
  }

  /** @param {FeedEvent} event @param {boolean} [own] whether this tab did it */
  #hear(event, own = false) {
    if (event.id) this.#mark.id = event.id;
    switch (event.type) {
      case 'message': {
        const { id } = event.data;
        if (this.#told.has(id)) return;
        this.#told.add(id);
        if (this.#told.size > remembered) this.#told.delete(Math.min(...this.#told));
        this.#mark.high = Math.max(this.#mark.high, id);
        if (event.data.unread) this.#moved += 1;
        break;
      }
      case 'read': {
        const { ids, unread, gone } = event.data;
        if (!own) this.#moved += ids && !gone ? (unread ? ids.length : -ids.length) : NaN;
        break;
      }
      case 'count': {
        const { unread, as_of } = event.data;
        const isExpected = unread === this.count || unread === (this.count ?? 0) + this.#moved;
        this.#count(unread, as_of);
        if (!isExpected) this.#emit('stale', {});
        return;
      }
      case 'state':
        this.health = event.data;
        break;
    }
    this.#emit(event.type, 'data' in event ? event.data : {});
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

  /** @param {any} error @param {number} wait */
  #ail(error, wait) {
    const isOut = error.status === 401 || error.status === 403;
    const state = isOut ? 'signed-out' : navigator.onLine ? 'error' : 'offline';
    this.#hear({ type: 'state', data: { state, retryAt: Date.now() + wait, error: String(error) } });
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    if (!this.#closed.signal.aborted) this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
