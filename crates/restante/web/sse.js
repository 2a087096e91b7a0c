// Server-sent events, read from text that comes in pieces of any size.

/** @typedef {{ type: string, data: string, id: string }} ServerEvent */

export class EventParser {
  #rest = '';
  #type = '';
  #id = '';
  /** @type {string[]} */
  #data = [];
  #begun = false;

  /** How many milliseconds the server wants to be left alone after a break; `undefined` until it says. @type {number | undefined} */
  retry;

  /**
   * Takes a piece and gives the events that it completes.
   * @param {string} piece
   * @returns {ServerEvent[]}
   */
  push(piece) {
    let text = this.#rest + piece;
    if (!this.#begun && text) {
      this.#begun = true;
      if (text[0] === '\uFEFF') text = text.slice(1);
    }
    /** @type {ServerEvent[]} */
    const events = [];
    // A CR at the end may be the first half of a CRLF: it waits for the next piece.
    const ends = /\r\n|\n|\r(?!$)/g;
    let from = 0;
    for (let end; (end = ends.exec(text)); from = ends.lastIndex) {
      const event = this.#line(text.slice(from, end.index));
      if (event) events.push(event);
    }
    this.#rest = text.slice(from);
    return events;
  }

  /** @param {string} line @returns {ServerEvent | undefined} */
  #line(line) {
    if (line === '') {
      const event = { type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id };
      const isEmpty = this.#data.length === 0;
      this.#type = '';
      this.#data = [];
      return isEmpty ? undefined : event;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    return undefined;
  }
}
