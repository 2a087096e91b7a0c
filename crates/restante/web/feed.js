// Hears what happens in one inbox: by the stream, or where none comes through by asking now and then.
import { Backoff } from './backoff.js';
import { EventParser } from './sse.js';

/** @typedef {import('./types.d.ts').FeedEvent} FeedEvent */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {{ id: string, high: number }} Mark how far it was heard: a stream's id, and the newest item's */

/** How long a stream may keep silent: at first, and then, with a heartbeat every 20 seconds. */
const firstByte = 10000;
const nextByte = 60000;
/** A stream that ends sooner is broken; after so many the inbox is asked now and then instead. */
const short = 5000;
const mostShort = 3;
const mostMute = 2;
const pollFor = 300000;

export class Feed {
  #backoff = new Backoff();
  #broken = 0;
  #pollUntil = 0;
  #etag = '';
  /** What cuts the stream that is open. */
  #cut = new AbortController();

  /**
   * @param {Session} session
   * @param {Mark} mark moves on with what is heard
   * @param {number} interval between two questions, in milliseconds
   * @param {import('./backoff.js').Nap} nap
   * @param {(event: FeedEvent) => void} hear
   */
  constructor(session, mark, interval, nap, hear) {
    this.session = session;
    this.mark = mark;
    this.interval = interval;
    this.nap = nap;
    this.hear = hear;
  }

  /**
   * Goes on until it is told to stop; throws when the reader is not let in.
   * @param {AbortSignal} signal
   */
  async run(signal) {
    // A lost network breaks no stream: it only falls silent.
    addEventListener('offline', () => this.#cut.abort(), { signal });
    signal.addEventListener('abort', () => this.#cut.abort());
    while (!signal.aborted) {
      let wait;
      try {
        wait = await (Date.now() < this.#pollUntil ? this.#poll() : this.#stream());
      } catch (error) {
        if (signal.aborted) return;
        const { status } = /** @type {{ status?: number }} */ (error);
        if (status === 401 || status === 403) throw error;
        // An id of another server's: from now on, then, and who shows a list reads it again.
        if (status === 422) this.mark.id = '';
        wait = this.#backoff.next();
        const state = navigator.onLine ? 'error' : 'offline';
        this.#tell({ state, retryAt: Date.now() + wait, error: String(error) });
      }
      await this.nap.sleep(wait, signal);
    }
  }

  /** @param {import('./types.d.ts').Health} health */
  #tell(health) {
    this.hear({ type: 'state', data: health });
  }

  /** Reads one stream to its end and says how long to wait before the next. */
  async #stream() {
    const cut = (this.#cut = new AbortController());
    const began = Date.now();
    let isHeard = false;
    let isMute = false;
    const wait = (/** @type {number} */ ms) => setTimeout(() => {
      isMute = true;
      cut.abort();
    }, ms);
    let timer = wait(firstByte);
    try {
      const headers = { Accept: 'text/event-stream', 'Last-Event-ID': this.mark.id };
      const response = await this.session.request('inbox/stream', { headers, cache: 'no-store', signal: cut.signal });
      if (!response.body || !response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
        return this.#pollInstead();
      }
      const parser = new EventParser();
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (let read; !(read = await reader.read()).done;) {
        clearTimeout(timer);
        timer = wait(nextByte);
        if (!isHeard) {
          isHeard = true;
          this.#tell({ state: 'live' });
          // What was read elsewhere before is not told again.
          this.hear({ type: 'stale' });
        }
        for (const event of parser.push(decoder.decode(read.value, { stream: true }))) this.#read(event);
        if (parser.retry !== undefined) this.#backoff.base = parser.retry;
      }
    } catch (error) {
      const { status = 0 } = /** @type {{ status?: number }} */ (error);
      if ([404, 405, 406, 429, 501].includes(status)) return this.#pollInstead();
      // A proxy that holds the answer back until it ends is no server that is down.
      if (!isHeard && !isMute) throw error;
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
    if (!navigator.onLine) throw new TypeError('offline');
    const isBroken = !isHeard || Date.now() - began < short;
    this.#broken = isBroken ? this.#broken + 1 : 0;
    if (this.#broken >= (isHeard ? mostShort : mostMute)) return this.#pollInstead();
    if (!isBroken) this.#backoff.reset();
    return this.#backoff.next();
  }

  #pollInstead() {
    this.#pollUntil = Date.now() + pollFor;
    this.#broken = 0;
    this.#etag = '';
    return 0;
  }

  /** @param {import('./sse.js').ServerEvent} event */
  #read({ type, data, id }) {
    if (type === 'message' || type === 'read' || type === 'count') {
      this.hear(/** @type {FeedEvent} */ ({ type, data: JSON.parse(data), id }));
    }
  }

  /** Asks once and says how long to wait before the next time. */
  async #poll() {
    /** @type {Record<string, string>} */
    const headers = this.#etag ? { 'If-None-Match': this.#etag } : {};
    const response = await this.session.request('inbox/count', { headers });
    if (response.status !== 304) {
      const count = await response.json();
      const { high } = this.mark;
      const page = await (await this.session.request('inbox?view=unread&limit=20')).json();
      /** @type {import('./types.d.ts').Item[]} */
      const fresh = page.items.filter((/** @type {{ id: number }} */ item) => item.id > high);
      for (const item of fresh.reverse()) this.hear({ type: 'message', data: item });
      this.hear({ type: 'count', data: { unread: page.unread, as_of: page.as_of }, id: count.as_of });
      this.hear({ type: 'stale' });
      this.#etag = response.headers.get('ETag') ?? '';
    }
    this.#backoff.reset();
    this.#tell({ state: 'polling' });
    const interval = document.hidden ? this.interval * 3 : this.interval;
    return interval * (0.8 + Math.random() * 0.4);
  }
}
