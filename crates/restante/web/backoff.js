// How long to wait before trying again: longer each time, and never all at the same moment.

export class Backoff {
  #tries = 0;

  /** @param {() => number} [random] from 0 up to 1 */
  constructor(random = Math.random) {
    this.random = random;
    /** The first wait in milliseconds; the server may wish for another. */
    this.base = 2000;
    this.most = 60000;
  }

  /** The next wait in milliseconds: the upper half of it is chance. */
  next() {
    const most = Math.min(this.most, this.base * 2 ** this.#tries);
    this.#tries += 1;
    return Math.round(most * (0.5 + this.random() / 2));
  }

  reset() {
    this.#tries = 0;
  }
}

/** A sleep that others may end. */
export class Nap {
  /** Ends it. @type {() => void} */
  wake = () => {};

  /** @param {number} ms @param {AbortSignal} signal ends it too */
  sleep(ms, signal) {
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        done(undefined);
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
      this.wake = wake;
      if (signal.aborted) wake();
    });
  }
}
