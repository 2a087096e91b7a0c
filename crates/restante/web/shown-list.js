// The items that are shown, kept in step with the inbox.

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {'unread' | 'archive'} View */

const pageSize = 20;
/** So many are read again at most; those before them are a click away. */
const most = 100;
/** How long a list that is right is left alone, and one that could not be read, in milliseconds. */
const quiet = 1000;
const patience = 8000;

export class ShownList {
  /** @type {Item[]} */
  items = [];
  /** @type {string | null} */
  next = null;
  /** What was visible when they were read: what is shown may be marked read up to here. */
  asOf = '';
  /** @type {View} */
  view = 'unread';
  /** When it was last read; 0 is never. */
  at = 0;
  /** When it is read again after it could not be, in milliseconds since 1970. */
  retryAt = 0;
  /** What came since. @type {number[]} */
  #fresh = [];
  #isShown = false;
  #isStale = true;
  /** @type {Promise<void> | null} */
  #loading = null;
  #timer = 0;

  /** @param {import('./restante-client.js').RestanteClient} client @param {() => void} changed draws it again */
  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
    client.listen(['message', 'read', 'stale', 'reader'], (type, detail) => {
      if (type === 'message') this.#add(detail);
      else if (type === 'read') this.#apply(detail);
      else if (type === 'stale') this.reload();
      else this.#empty();
    });
  }

  /** Whether anybody looks at it. A list that nobody looks at is not kept right. @param {boolean} isShown */
  set isShown(isShown) {
    this.#isShown = isShown;
    clearTimeout(this.#timer);
    if (this.#isStale) this.reload();
  }

  /** @param {View} view */
  show(view) {
    if (view === this.view) return;
    this.view = view;
    this.#empty();
    this.load();
  }

  /** Reads again what is shown, soon. */
  reload() {
    this.#isStale = true;
    if (!this.#loading) this.#wait(this.at + quiet - Date.now());
  }

  /** @param {number} ms */
  #wait(ms) {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#timer = setTimeout(() => this.load(), Math.max(0, ms));
  }

  /** Reads again what is shown. @returns {Promise<void>} */
  load() {
    return (this.#loading ??= this.#load());
  }

  async #load() {
    const { view, client } = this;
    this.#isStale = false;
    try {
      const limit = Math.min(most, Math.max(pageSize, this.items.length));
      const { items, next, as_of: asOf } = await client.list({ view, limit });
      this.#fresh = [];
      if (view === this.view) Object.assign(this, { items, next, asOf, at: Date.now(), retryAt: 0 });
      else this.#isStale = true;
    } catch {
      this.#isStale = true;
      this.retryAt = Date.now() + patience;
    }
    this.#loading = null;
    this.changed();
    // Something came while it was read, or it could not be.
    if (this.#isStale) this.#wait(Math.max(this.retryAt, this.at + quiet) - Date.now());
  }

  /** Reads on; gives the first item that is new. */
  async more() {
    const { view, next, client } = this;
    const page = await client.list({ view, after: next, limit: pageSize });
    if (view !== this.view || next !== this.next) return undefined;
    const first = page.items[0];
    this.items = [...this.items, ...page.items];
    this.next = page.next;
    this.changed();
    return first;
  }

  /** @param {Item} item */
  markRead({ id }) {
    return this.#do({ ids: [id], unread: false, gone: false }, this.client.markRead(id));
  }

  /** @param {Item} item */
  dismiss({ id }) {
    return this.#do({ ids: [id], unread: false, gone: true }, this.client.dismiss(id));
  }

  /** Marks read what is shown, and nothing that came since. */
  async markAllRead() {
    const fresh = [...this.#fresh];
    await this.client.markAllRead(this.asOf);
    if (fresh.length) await this.client.markRead(fresh);
  }

  /** Shows what is being done; if it fails, what is so. @param {import('./types.d.ts').Change} change @param {Promise<void>} done */
  async #do(change, done) {
    this.#apply(change);
    try {
      await done;
    } catch (error) {
      this.reload();
      throw error;
    }
  }

  /** @param {Item} item */
  #add(item) {
    this.#isStale ||= !!this.#loading;
    const { items, view } = this;
    if (!this.at || items.some(({ id }) => id === item.id) || (view === 'unread' && !item.unread)) return;
    this.#fresh.push(item.id);
    this.items = [item, ...items].sort((a, b) => b.id - a.id);
    this.changed();
  }

  /** @param {import('./types.d.ts').Change} change */
  #apply({ ids, unread, gone }) {
    this.#isStale ||= !!this.#loading;
    const has = (/** @type {number} */ wanted) => this.items.some(({ id }) => id === wanted);
    if (!ids || (unread && !ids.every(has))) return this.reload();
    this.items = this.items.flatMap((item) => {
      if (!ids.includes(item.id)) return [item];
      return gone || (this.view === 'unread' && !unread) ? [] : [{ ...item, unread }];
    });
    // The rest of the page is worth reading before it is empty.
    if (this.items.length < pageSize / 2 && this.next) this.reload();
    this.changed();
  }

  #empty() {
    Object.assign(this, { items: [], next: null, at: 0, retryAt: 0 });
    this.#isStale = true;
    this.changed();
  }
}
