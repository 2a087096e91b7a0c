// Requests to the inbox, in the name of whoever reads it.

/** @typedef {string | null | (() => string | null | undefined | Promise<string | null | undefined>)} Token */
/** @typedef {Omit<RequestInit, 'headers'> & { json?: object, headers?: Record<string, string> }} How */

/**
 * How many milliseconds a token is good for, as far as it tells. Its signature is the server's
 * business.
 * @param {string} token
 * @param {number} now
 */
export function lifeOf(token, now) {
  try {
    const { exp } = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    // A clock that is ahead sees every token ended: then the server says when one is.
    if (exp * 1000 > now) return exp * 1000 - now;
  } catch {
    // It is no such token.
  }
  return Infinity;
}

export class Session {
  #held = '';
  #until = 0;
  /** @type {Promise<string> | null} */
  #asked = null;

  /** Whose inbox it is, as the server calls them. @type {string | null} */
  reader = null;

  /** @param {URL} api ends with a slash @param {Token} token @param {() => void} onReader another's inbox than before */
  constructor(api, token, onReader) {
    this.api = api;
    this.token = token;
    this.onReader = onReader;
  }

  /** @param {Token} token */
  renew(token) {
    this.token = token;
    this.#until = 0;
    this.#asked = null;
  }

  /** @param {string} path @param {How} [how] @returns {Promise<Response>} one that is good, or 304; else it throws an error with its `status` */
  async request(path, how = {}) {
    const { token } = this;
    let ticket = await this.#ticket();
    let response = await this.#send(path, how, ticket);
    if (response.status === 401 && typeof token === 'function') {
      // Another request may have brought a new one meanwhile.
      if (this.#held === ticket) this.#until = 0;
      ticket = await this.#ticket();
      response = await this.#send(path, how, ticket);
    }
    // Somebody else reads here by now, and this was another's.
    if (token !== this.token) throw Error();
    const { reader } = this;
    this.reader = response.headers.get('Restante-Reader') ?? reader;
    if (reader && reader !== this.reader) this.onReader();
    if (response.ok || response.status === 304) return response;
    const { status } = response;
    const { detail } = await response.json().catch(() => ({}));
    throw Object.assign(new Error(detail ?? `HTTP ${status}`), { status });
  }

  /** @param {string} path @param {How} how @param {string} ticket */
  #send(path, { json, ...how }, ticket) {
    return fetch(new URL(path, this.api), {
      credentials: ticket || this.api.origin === location.origin ? 'same-origin' : 'include',
      signal: AbortSignal.timeout(15000),
      ...how,
      body: json && JSON.stringify(json),
      headers: {
        'Content-Type': 'application/json',
        ...(ticket && { Authorization: `Bearer ${ticket}` }),
        ...how.headers,
      },
    });
  }

  /** The token, renewed shortly before it ends. @returns {Promise<string>} */
  async #ticket() {
    const { token } = this;
    if (typeof token !== 'function') return token ?? '';
    if (Date.now() < this.#until) return this.#held;
    // Several requests at once ask for one token.
    const late = new Promise((_, refuse) => setTimeout(refuse, 15000, Error()));
    const asked = (this.#asked ??= Promise.race([token(), late]).then((given) => given ?? ''));
    try {
      const given = await asked;
      // Asked for in the name of somebody who has gone meanwhile.
      if (token !== this.token) return this.#ticket();
      const life = lifeOf(given, Date.now());
      this.#until = Date.now() + life - Math.min(30000, life / 5);
      return (this.#held = given);
    } finally {
      if (asked === this.#asked) this.#asked = null;
    }
  }
}
