// Server-sent events, read from text that comes in pieces of any size.

/** @typedef {{ type: string, data: string, id: string }} ServerEvent */

export class EventParser {
  #rest = '';
  #type = '';
  #id = '';
  /** @type {string[]} */
  #data = [];

  /** How many milliseconds the server wants to be left alone after a break. @type {number | undefined} */
  retry;

  /** Takes a piece and gives the events that it completes. @param {string} piece @returns {ServerEvent[]} */
  push(piece) {
    // A CR at the end may be the first half of a CRLF: it waits for the next piece.
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  /** @param {string} line @returns {ServerEvent[]} */
  #line(line) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    if (line) return [];
    const data = this.#data;
    const event = { type: this.#type || 'message', data: data.join('\n'), id: this.#id };
    this.#type = '';
    this.#data = [];
    return data.length ? [event] : [];
  }
}
