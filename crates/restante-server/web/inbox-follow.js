// Hears when something changes in the inbox: by the server's stream, or by asking now and then where
// there is none. Of several tabs one listens and tells the others: a browser opens only a few
// connections to a server, and every stream keeps one.

/** @typedef {'live' | 'poll' | 'offline' | 'ended'} State */
/** @typedef {{ state?: State, changed?: true, arrived?: number, unread?: number, ask?: true }} News */

/**
 * @typedef {object} Reader
 * @property {string} api where the server's JSON is
 * @property {string} user whose inbox it is
 * @property {() => string} since what has been shown: the `as_of` of the page
 */

/**
 * @typedef {object} Listener
 * @property {() => void} changed what is shown may be old
 * @property {(id: number) => void} arrived this message is new; 0: some are
 * @property {(unread: number) => void} counted so many are unread now
 * @property {(state: State) => void} state
 */

const POLL = 15_000;
const POLL_MOST = 240_000;
/** How long a server that has no stream, or none left, is not asked for one again. */
const STREAM_AGAIN = 300_000;
/** A connection that is back by then was not lost for anybody. */
const GRACE = 2_500;

/**
 * Listens from here on.
 * @param {Reader} reader
 * @param {Listener} listener
 * @returns {{ tellOthers: () => void }} tells the other tabs that this one changed something
 */
export function follow(reader, listener) {
  const name = `restante-inbox ${reader.api} ${reader.user}`;
  const channel = new BroadcastChannel(name);
  /** @type {Source | undefined} */
  let source;
  /** @param {News} news */
  const hear = (news) => {
    // A page of the same user was opened, so somebody is signed in again.
    if (news.ask && source?.state === 'ended') source.begin();
    else if (news.ask && source?.state) channel.postMessage({ state: source.state });
    if (news.state) listener.state(news.state);
    if (news.arrived !== undefined) listener.arrived(news.arrived);
    if (news.changed) listener.changed();
    if (news.unread !== undefined) listener.counted(news.unread);
  };
  /** @param {News} news */
  const tell = (news) => {
    hear(news);
    channel.postMessage(news);
  };
  channel.onmessage = ({ data }) => hear(data);
  channel.postMessage({ ask: true });
  /** @param {boolean} isFirst */
  const begin = (isFirst) => {
    source = new Source(reader, tell, isFirst);
    source.begin();
  };
  if (navigator.locks) {
    const before = Date.now();
    navigator.locks.request(name, () => {
      // Whoever takes over does not know what the one before it had not told yet.
      begin(Date.now() - before < 1_000);
      return new Promise(() => {});
    });
  } else {
    begin(true);
  }
  return { tellOthers: () => channel.postMessage({ changed: true }) };
}

/** The one that listens to the server. */
class Source {
  /** @type {State | undefined} */
  state;
  /** @type {EventSource | undefined} */
  #stream;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #streamAt = 0;
  #delay = POLL;
  /** Where the stream goes on after a break. */
  #last = '';
  /** @type {{ unread: number, as_of: string } | undefined} */
  #count;

  /** @param {Reader} reader @param {(news: News) => void} tell @param {boolean} isFirst */
  constructor(reader, tell, isFirst) {
    this.reader = reader;
    this.tell = tell;
    this.isFirst = isFirst;
    addEventListener('offline', () => {
      this.#stop();
      this.#is('offline');
    });
    addEventListener('online', () => this.begin());
  }

  /** Opens the stream. What was missed since an earlier one comes first. */
  begin() {
    this.#stop();
    this.#streamAt = Date.now() + STREAM_AGAIN;
    const last = encodeURIComponent(this.#last);
    const stream = new EventSource(`${this.reader.api}/inbox/stream?last_event_id=${last}`);
    this.#stream = stream;
    stream.addEventListener('open', () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#delay = POLL;
      this.#is('live');
      // What was read meanwhile is not told again.
      if (!this.isFirst) this.tell({ changed: true });
    });
    stream.addEventListener('message', ({ data, lastEventId }) => {
      this.#last = lastEventId;
      const { id, unread } = JSON.parse(data);
      this.tell(unread ? { changed: true, arrived: id } : { changed: true });
    });
    stream.addEventListener('read', () => this.tell({ changed: true }));
    stream.addEventListener('count', ({ data, lastEventId }) => {
      this.#last = lastEventId;
      const { unread, as_of } = JSON.parse(data);
      // What came between the page and the stream is on neither.
      if (this.isFirst && as_of !== this.reader.since()) this.tell({ changed: true });
      this.isFirst = false;
      this.tell({ unread });
    });
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) {
        this.#ask();
      } else {
        // The browser connects again by itself, and says so each time that it cannot.
        this.#timer ??= setTimeout(() => this.#is('offline'), GRACE);
      }
    });
  }

  /** Asks whether anything changed, and when to ask again. */
  async #ask() {
    this.#stop();
    try {
      const answer = await fetch(`${this.reader.api}/inbox/count`);
      if (answer.status === 401) {
        this.#is('ended');
        return;
      }
      if (!answer.ok) throw new Error(answer.statusText);
      /** @type {{ unread: number, as_of: string }} */
      const count = await answer.json();
      const before = this.#count;
      this.#count = count;
      this.#is('poll');
      if (before && count.unread > before.unread) this.tell({ arrived: 0 });
      if (count.as_of !== (before?.as_of ?? this.reader.since())) this.tell({ changed: true });
      else this.tell({ unread: count.unread });
      this.#delay = POLL;
    } catch {
      this.#is('offline');
      this.#delay = Math.min(this.#delay * 2, POLL_MOST);
    }
    // Not all at once, when a server is back that many waited for.
    this.#timer = setTimeout(() => {
      if (Date.now() < this.#streamAt && this.state === 'poll') this.#ask();
      else this.begin();
    }, this.#delay * (0.8 + 0.4 * Math.random()));
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** @param {State} state */
  #is(state) {
    if (this.state === state) return;
    this.state = state;
    this.tell({ state });
  }
}
