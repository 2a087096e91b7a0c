// Hears what happens in one inbox: by the stream, or where none comes through by asking now and then.
import { Backoff } from './backoff.js';
import { EventParser } from './sse.js';

/** @typedef {import('./types.d.ts').FeedEvent} FeedEvent */
/** @typedef {import('./types.d.ts').Page} Page */
/** @typedef {{ id: string, high: number }} Mark how far it was heard: a stream's id, and the newest item's */

/** How long a stream may keep silent: at first, and then, with a heartbeat every 20 seconds. */
const firstByte = 10000;
const nextByte = 60000;
/** A stream that ends sooner is broken; after so many the inbox is asked now and then instead. */
const short = 5000;
const mostShort = 2;
const pollFor = 300000;

export class Feed {
  #backoff = new Backoff();
  #broken = 0;
  #pollUntil = 0;
  #etag = '';
  /** What cuts the stream that is open. */
  #cut = new AbortController();

  /**
   * @param {import('./session.js').Session} session
   * @param {Mark} mark moves on with what is heard
   * @param {(event: FeedEvent) => void} hear
   * @param {AbortSignal} signal ends it
   */
  constructor(session, mark, hear, signal) {
    this.session = session;
    this.mark = mark;
    this.hear = hear;
    this.signal = signal;
    const cut = () => this.#cut.abort();
    // A lost network breaks no stream: it only falls silent.
    addEventListener('offline', cut, { signal });
    signal.addEventListener('abort', cut);
  }

  /**
   * Goes on until it is ended; throws when the reader is not let in.
   * @param {boolean} mayStream
   * @param {number} interval between two questions, in milliseconds
   * @param {import('./backoff.js').Nap} nap
   */
  async run(mayStream, interval, nap) {
    const { signal } = this;
    while (!signal.aborted) {
      let wait;
      try {
        wait = await (mayStream && Date.now() >= this.#pollUntil ? this.#stream() : this.#poll(interval));
      } catch (/** @type {any} */ error) {
        if (signal.aborted) break;
        if (/40[13]/.test(error.status)) throw error;
        // An id that this server does not know: from now on, then.
        if (error.status === 422) this.mark.id = '';
        wait = this.#backoff.next();
        this.#tell(navigator.onLine ? 'error' : 'offline', wait);
      }
      await nap.sleep(wait, signal);
    }
  }

  /** @param {import('./types.d.ts').Health['state']} state @param {number} [wait] */
  #tell(state, wait = 0) {
    this.hear({ type: 'state', data: { state, retryAt: Date.now() + wait } });
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
      const headers = { 'Last-Event-ID': this.mark.id };
      const { body, headers: answered } = await this.session.request('inbox/stream', { headers, signal: cut.signal });
      if (!body || !answered.get('Content-Type')?.startsWith('text/event-stream')) return this.#pollInstead();
      const parser = new EventParser();
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (let read; !(read = await reader.read()).done;) {
        clearTimeout(timer);
        timer = wait(nextByte);
        if (!isHeard) {
          isHeard = true;
          this.#tell('live');
          // What was read elsewhere before is not told again.
          this.hear({ type: 'stale' });
        }
        for (const { type, data, id } of parser.push(decoder.decode(read.value, { stream: true }))) {
          this.hear(/** @type {FeedEvent} */ ({ type, data: JSON.parse(data), id }));
        }
        this.#backoff.base = parser.retry ?? this.#backoff.base;
      }
    } catch (/** @type {any} */ error) {
      if (/40[456]|429|501/.test(error.status)) return this.#pollInstead();
      // A proxy that holds the answer back until it ends is no server that is down.
      if (!isHeard && !isMute) throw error;
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
    if (!navigator.onLine) throw new TypeError('offline');
    if (isHeard && Date.now() - began >= short) {
      this.#broken = 0;
      this.#backoff.reset();
    } else if (++this.#broken >= mostShort) return this.#pollInstead();
    return this.#backoff.next();
  }

  #pollInstead() {
    this.#pollUntil = Date.now() + pollFor;
    this.#broken = 0;
    this.#etag = '';
    return 0;
  }

  /** Asks once and says how long to wait before the next time. @param {number} interval */
  async #poll(interval) {
    const { session, mark, hear } = this;
    const response = await session.request('inbox/count', { headers: { 'If-None-Match': this.#etag } });
    if (response.status !== 304) {
      /** @type {Page} */
      const { items, unread, as_of } = await (await session.request('inbox?view=unread&limit=20')).json();
      const fresh = items.filter((item) => item.id > mark.high);
      for (const item of fresh.reverse()) hear({ type: 'message', data: item });
      hear({ type: 'count', data: { unread, as_of } });
      hear({ type: 'stale' });
      this.#etag = response.headers.get('ETag') ?? '';
    }
    this.#backoff.reset();
    this.#tell('polling');
    return interval * (document.hidden ? 3 : 1) * (0.8 + Math.random() * 0.4);
  }
}
