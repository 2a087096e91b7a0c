// The items that are shown, kept in step with the inbox.

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {import('./restante-client.js').RestanteClient} RestanteClient */

const pageSize = 20;
/** So many are read at once when more than a page is shown again. */
const most = 100;
/** How long a list that is right is left alone, and one that could not be read, in milliseconds. */
const quiet = 1000;
const patience = 10000;

/** Hears `change` when it is to be drawn again. */
export class ShownList extends EventTarget {
  /** @type {Item[]} */
  items = [];
  /** @type {string | null} */
  next = null;
  /** What was visible when they were read: what is shown may be marked read up to here. */
  asOf = '';
  /** @type {'unread' | 'archive'} */
  view = 'unread';
  isLoaded = false;
  /** When it is read again after it could not be, in milliseconds since 1970. */
  retryAt = 0;
  /** When it was last known to be right. @type {Date | null} */
  at = null;
  #isShown = false;
  #isStale = true;
  /** @type {Promise<void> | null} */
  #loading = null;
  #timer = 0;

  /** @param {RestanteClient} client @param {AbortSignal} signal */
  constructor(client, signal) {
    super();
    this.client = client;
    /** @param {string} type @param {(event: any) => void} hear */
    const on = (type, hear) => client.addEventListener(type, hear, { signal });
    on('message', ({ detail }) => this.#add(detail));
    on('read', ({ detail }) => this.#apply(detail));
    on('stale', () => this.reload());
    on('reader', () => this.#empty());
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** Whether anybody looks at it. A list that nobody looks at is not kept right. @param {boolean} isShown */
  set isShown(isShown) {
    this.#isShown = isShown;
    clearTimeout(this.#timer);
    if (isShown && this.#isStale) void this.load();
  }

  /** @param {'unread' | 'archive'} view */
  show(view) {
    if (view === this.view) return Promise.resolve();
    this.view = view;
    this.#empty();
    return this.load();
  }

  /** Reads again what is shown, soon. */
  reload() {
    this.#isStale = true;
    if (!this.#loading) this.#wait(this.at ? Math.max(0, this.at.getTime() + quiet - Date.now()) : 0);
  }

  /** @param {number} ms */
  #wait(ms) {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#timer = setTimeout(() => this.load(), ms);
  }

  /** Reads again what is shown. @returns {Promise<void>} */
  load() {
    return (this.#loading ??= this.#load());
  }

  async #load() {
    const { view } = this;
    clearTimeout(this.#timer);
    this.#isStale = false;
    try {
      /** @type {Item[]} */
      const items = [];
      const wanted = Math.max(pageSize, this.items.length);
      let asOf = '';
      let next = null;
      do {
        const limit = Math.min(most, wanted - items.length);
        const page = await this.client.list({ view, after: next, limit });
        asOf ||= page.as_of;
        next = page.next;
        items.push(...page.items);
      } while (next && items.length < wanted);
      this.#loading = null;
      if (view !== this.view) return this.load();
      Object.assign(this, { items, next, asOf, isLoaded: true, at: new Date(), retryAt: 0 });
    } catch {
      this.#loading = null;
      this.#isStale = true;
      const wait = patience * (0.5 + Math.random() / 2);
      this.retryAt = Date.now() + wait;
      this.#wait(wait);
      this.#changed();
      return;
    }
    this.#changed();
    // Something came while it was read.
    if (this.#isStale) this.reload();
  }

  /** Reads on; gives the first item that is new. */
  async more() {
    const { view, next } = this;
    if (!next) return undefined;
    const page = await this.client.list({ view, after: next, limit: pageSize });
    if (view !== this.view || next !== this.next) return undefined;
    const known = new Set(this.items.map((item) => item.id));
    const fresh = page.items.filter((item) => !known.has(item.id));
    this.items = [...this.items, ...fresh];
    this.next = page.next;
    this.#changed();
    return fresh[0];
  }

  /** @param {Item} item */
  markRead(item) {
    return this.#do({ ids: [item.id], unread: false, gone: false }, this.client.markRead(item.id));
  }

  /** @param {Item} item */
  dismiss(item) {
    return this.#do({ ids: [item.id], unread: false, gone: true }, this.client.dismiss(item.id));
  }

  /** Marks read what is shown, and nothing that came since. */
  markAllRead() {
    // While the list is in step, what the stream has told is shown too.
    const isInStep = this.isLoaded && !this.#isStale && !this.#loading;
    return this.client.markAllRead(isInStep ? this.client.asOf : this.asOf);
  }

  /** Shows what is being done; if it fails, what is so. @param {import('./types.d.ts').Change} change @param {Promise<void>} done */
  async #do(change, done) {
    this.#apply(change);
    try {
      await done;
    } catch (error) {
      void this.load();
      throw error;
    }
  }

  /** @param {Item} item */
  #add(item) {
    if (!this.isLoaded || this.items.some(({ id }) => id === item.id)) return;
    if (this.#loading) this.#isStale = true;
    if (this.view === 'unread' && !item.unread) return;
    // Newest first; one that is older than all that is shown stands on a page that is not.
    const at = this.items.findIndex(({ id }) => id < item.id);
    if (at < 0 && this.next) return;
    this.items = this.items.toSpliced(at < 0 ? this.items.length : at, 0, item);
    this.#changed();
  }

  /** @param {import('./types.d.ts').Change} change */
  #apply({ ids, unread, gone }) {
    if (this.#loading) this.#isStale = true;
    const isKnown = ids?.every((id) => this.items.some((item) => item.id === id));
    if (!ids || (unread && !isKnown)) return this.reload();
    const changes = (/** @type {Item} */ item) => ids.includes(item.id);
    this.items = gone || (this.view === 'unread' && !unread)
      ? this.items.filter((item) => !changes(item))
      : this.items.map((item) => (changes(item) ? { ...item, unread } : item));
    // The rest of the page is worth reading before it is empty.
    if (this.items.length === 0 && this.next) this.reload();
    this.#changed();
  }

  #empty() {
    Object.assign(this, { items: [], next: null, asOf: '', isLoaded: false, at: null });
    this.#isStale = true;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
