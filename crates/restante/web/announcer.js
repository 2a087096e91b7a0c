// Says what happened to who cannot see it: what comes at once is said at once.
import { make } from './dom.js';

const gather = 800;
const keep = 10000;

export class Announcer {
  node = make('div', { class: 'vh', role: 'status', 'aria-live': 'polite' });
  /** @type {string[]} */
  #texts = [];
  #arrived = 0;
  #last = '';
  #timer = 0;

  /** @param {string} text */
  say(text) {
    this.#texts.push(text);
    this.#later();
  }

  /** A message came. @param {string} text @param {import('./row.js').Words} words */
  arrive(text, words) {
    this.#arrived += 1;
    this.#last = text;
    this.words = words;
    this.#later();
  }

  #later() {
    if (!this.#timer) this.#timer = setTimeout(() => this.#speak(), gather);
  }

  #speak() {
    const { words } = this;
    if (this.#arrived && words) {
      this.#texts.push(words.texts.arrived(this.#arrived, words.language.number.format(this.#arrived), this.#last));
    }
    // What was said stays for a while, and is not found for ever by who reads on.
    this.node.replaceChildren(...this.#texts.map((text) => make('p', { dir: 'auto' }, text)));
    const hasText = this.#texts.length > 0;
    this.#texts = [];
    this.#arrived = 0;
    this.#timer = hasText ? setTimeout(() => this.#speak(), keep) : 0;
  }
}
