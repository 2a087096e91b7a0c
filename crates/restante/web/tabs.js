// One of all tabs that read the same inbox leads: it hears for the others, and when it goes the next one does.
import { Backoff } from './backoff.js';

/** How long the one who leads may keep silent when asked. A tab that the system has put to sleep does. */
const patience = 4000;

export class Tabs {
  #closed = new AbortController();
  #leads = false;
  #heard = 0;
  /** @type {BroadcastChannel | undefined} */
  #channel;
  /** @type {AbortController | undefined} */
  #queue;
  #backoff = new Backoff();

  /**
   * @param {string | null} name what the tabs have in common; without one this tab is alone
   * @param {import('./backoff.js').Nap} nap
   * @param {(signal: AbortSignal) => Promise<void>} lead hears until it is told to stop
   * @param {(said: any) => void} hear what the others say
   */
  constructor(name, nap, lead, hear) {
    this.name = name && 'locks' in navigator && 'BroadcastChannel' in globalThis ? name : null;
    this.nap = nap;
    this.lead = lead;
    if (this.name) {
      this.#channel = new BroadcastChannel(this.name);
      this.#channel.onmessage = ({ data }) => {
        if (data.type !== 'hello') this.#heard = Date.now();
        hear(data);
      };
      document.addEventListener('visibilitychange', () => this.#greet(), { signal: this.#closed.signal });
    }
    void this.#run();
    this.#greet();
  }

  get leads() {
    return this.#leads;
  }

  /** Says something to the other tabs. @param {unknown} said */
  say(said) {
    this.#channel?.postMessage(said);
  }

  close() {
    this.#closed.abort();
    this.#queue?.abort();
    this.#channel?.close();
  }

  /** Asks the one who leads how things are. A tab that is looked at takes over from one that sleeps. */
  #greet() {
    if (this.#leads || document.hidden || !this.name) return;
    const asked = Date.now();
    this.say({ type: 'hello' });
    setTimeout(() => {
      if (!this.#leads && this.#heard < asked && !document.hidden) this.#queue?.abort('steal');
    }, patience);
  }

  async #run() {
    const closed = this.#closed.signal;
    let steal = false;
    while (!closed.aborted) {
      const queue = (this.#queue = new AbortController());
      const stop = new AbortController();
      try {
        if (this.name) {
          const how = steal ? { steal } : { signal: queue.signal };
          await navigator.locks.request(this.name, how, () => this.#hold(stop));
        } else {
          await this.#alone(stop);
        }
        this.#backoff.reset();
      } catch (error) {
        // Somebody else took the lead, or this one was not let in.
        if (/** @type {Error} */ (error)?.name === 'AbortError') this.#backoff.reset();
        stop.abort();
      }
      this.#leads = false;
      steal = queue.signal.reason === 'steal';
      if (!steal) await this.nap.sleep(this.#backoff.next(), closed);
    }
  }

  /** A tab that shares with nobody takes up a connection only while it is looked at: there are few. @param {AbortController} stop */
  async #alone(stop) {
    const { signal } = this.#closed;
    const hide = () => document.hidden && stop.abort();
    while (document.hidden && !signal.aborted) {
      await new Promise((done) => {
        document.addEventListener('visibilitychange', done, { once: true });
        signal.addEventListener('abort', done);
      });
    }
    document.addEventListener('visibilitychange', hide, { signal: stop.signal });
    await this.#hold(stop);
    stop.abort();
  }

  /** @param {AbortController} stop */
  async #hold(stop) {
    if (this.#closed.signal.aborted) return;
    this.#leads = true;
    const end = () => stop.abort();
    this.#closed.signal.addEventListener('abort', end);
    await this.lead(stop.signal);
    this.#closed.signal.removeEventListener('abort', end);
  }
}
