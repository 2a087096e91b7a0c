// One of all tabs that read the same inbox leads: it hears for the others, and when it goes the next one does.

export class Tabs {
  #closed = new AbortController();
  /** @type {BroadcastChannel | undefined} */
  #channel;
  leads = false;

  /**
   * @param {string | null} name what the tabs have in common; without one this tab is alone
   * @param {import('./backoff.js').Nap} nap
   * @param {(isShared: boolean) => Promise<void>} lead hears until it is told to stop
   * @param {(said: any) => void} hear what the others say
   */
  constructor(name, nap, lead, hear) {
    const { signal } = this.#closed;
    // Locks are there over https only.
    if (name && navigator.locks) {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = ({ data }) => hear(data);
      this.say({ type: 'hello' });
    }
    const isShared = !!this.#channel;
    const held = () => {
      this.leads = true;
      return lead(isShared);
    };
    const run = async () => {
      while (!signal.aborted) {
        await (isShared ? navigator.locks.request(String(name), { signal }, held) : held()).catch(() => {});
        // It was not let in: another tab may be, and this one after a while.
        this.leads = false;
        await nap.sleep(30000, signal);
      }
    };
    run();
  }

  /** Says something to the other tabs. @param {unknown} said */
  say(said) {
    this.#channel?.postMessage(said);
  }

  close() {
    this.#closed.abort();
    this.#channel?.close();
  }
}
