// Requests to the inbox, in the name of whoever reads it.

/** @typedef {string | null | (() => string | null | undefined | Promise<string | null | undefined>)} Token */
/** @typedef {{ method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean, cache?: RequestCache }} How */

/** What the inbox answered instead. */
export class RestanteError extends Error {
  /** @param {string} message @param {number} status the HTTP status @param {string} [type] the problem's type */
  constructor(message, status, type = '') {
    super(message);
    this.name = 'RestanteError';
    this.status = status;
    this.type = type;
  }
}

/**
 * How many milliseconds a token is good for, as far as it tells. Its signature is the server's
 * business.
 * @param {string} token
 * @param {number} now
 */
export function lifeOf(token, now) {
  try {
    const claims = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const { exp, iat } = JSON.parse(atob(claims));
    const left = exp * 1000 - now;
    // A clock that is ahead sees every token ended: then count from when it came.
    const life = left > 0 ? left : (exp - iat) * 1000;
    return life > 0 ? life : Infinity;
  } catch {
    return Infinity;
  }
}

export class Session {
  #held = '';
  #until = 0;
  /** @type {Promise<string> | null} */
  #asked = null;

  /** Whose inbox it is, as the server calls them. @type {string | null} */
  reader = null;

  /**
   * @param {URL} api ends with a slash
   * @param {Token} token
   * @param {(reader: string) => void} onReader another's inbox than before
   */
  constructor(api, token, onReader) {
    this.api = api;
    this.token = token;
    this.onReader = onReader;
  }

  /**
   * @param {string} path
   * @param {How} [how]
   * @returns {Promise<Response>} one that is good, or 304
   */
  async request(path, how = {}) {
    let ticket = await this.#ticket();
    let response = await this.#send(path, how, ticket);
    if (response.status === 401 && typeof this.token === 'function') {
      // Somebody else may have asked for a new one meanwhile.
      if (this.#held === ticket) this.#until = 0;
      ticket = await this.#ticket();
      response = await this.#send(path, how, ticket);
    }
    const reader = response.headers.get('Restante-Reader');
    if (reader && reader !== this.reader) {
      const isOther = this.reader !== null;
      this.reader = reader;
      if (isOther) this.onReader(reader);
    }
    if (response.ok || response.status === 304) return response;
    const problem = await response.json().catch(() => ({}));
    throw new RestanteError(problem.detail ?? problem.title ?? `HTTP ${response.status}`, response.status, problem.type);
  }

  /** @param {Token} token */
  renew(token) {
    this.token = token;
    this.#until = 0;
    this.#asked = null;
  }

  /** @param {string} path @param {How} how @param {string} ticket */
  #send(path, { body, headers, signal, ...how }, ticket) {
    /** @type {Record<string, string>} */
    const all = { Accept: 'application/json', ...headers };
    if (ticket) all.Authorization = `Bearer ${ticket}`;
    if (body) all['Content-Type'] = 'application/json';
    const isNear = ticket || this.api.origin === location.origin;
    return fetch(new URL(path, this.api), {
      ...how,
      headers: all,
      body: body ? JSON.stringify(body) : null,
      credentials: isNear ? 'same-origin' : 'include',
      signal: signal ?? AbortSignal.timeout(15000),
    });
  }

  /** @param {() => ReturnType<Exclude<Token, string | null>>} give */
  async #ask(give) {
    try {
      const token = (await give()) ?? '';
      // Asked for in the name of somebody who has gone meanwhile.
      if (give !== this.token) return this.#ticket();
      const now = Date.now();
      const life = lifeOf(token, now);
      this.#until = now + life - Math.min(30000, life / 5);
      return (this.#held = token);
    } finally {
      if (give === this.token) this.#asked = null;
    }
  }

  /** The token, renewed shortly before it ends. */
  /** @returns {Promise<string>} */
  async #ticket() {
    if (typeof this.token !== 'function') return this.token ?? '';
    if (Date.now() < this.#until) return this.#held;
    // Several requests at once ask for one token.
    return (this.#asked ??= this.#ask(this.token));
  }
}
