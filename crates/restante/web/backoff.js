// How long to wait before trying again: longer each time, and never all at the same moment.

export class Backoff {
  #tries = 0;
  /** The first wait in milliseconds; the server may wish for another. */
  base = 2000;
  most = 60000;

  /** @param {() => number} [random] from 0 up to 1 */
  constructor(random = Math.random) {
    this.random = random;
  }

  /** The next wait in milliseconds: its upper half is chance. */
  next() {
    return Math.min(this.most, this.base * 2 ** this.#tries++) * (0.5 + this.random() / 2);
  }

  reset() {
    this.#tries = 0;
  }
}

/** A sleep that others may end. */
export class Nap {
  /** Ends it. */
  wake = () => {};

  /** @param {number} ms @param {AbortSignal} signal ends it too */
  sleep(ms, signal) {
    return new Promise((done) => {
      this.wake = () => done(undefined);
      signal.onabort = done;
      setTimeout(done, signal.aborted ? 0 : ms);
    });
  }
}
