// <restante-bell>: a bell that counts what waits, opens the inbox, and says what comes.
import { icon, make, safeLink } from './dom.js';
import { Language } from './language.js';
import { Announcer, Toasts } from './notices.js';
import { Panel } from './panel.js';
import { RestanteClient } from './restante-client.js';
import { beginning, focusIn } from './rows.js';
import { ShownList } from './shown-list.js';
import { style } from './style.js';
import { english } from './texts.js';

export { RestanteClient };

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {import('./session.js').Token} Token */
/** @typedef {import('./texts.js').Texts} Texts */

/** How long a toast stays, in seconds, unless the attribute says otherwise. */
const toastSeconds = 8;

export class RestanteBell extends HTMLElement {
  static observedAttributes = ['api', 'inbox', 'lang', 'poll'];

  /** @type {Token} */
  #token = null;
  /** @type {Partial<Texts>} */
  #texts = {};
  #announcer = new Announcer();
  #toasts = new Toasts();
  #badge = make('span', 'badge', { 'aria-hidden': 'true' });
  #button = make('button', 'button', { 'aria-haspopup': 'dialog', 'aria-expanded': 'false', click: () => this.toggle() }, icon('bell'), this.#badge);
  /** @type {RestanteClient | undefined} */
  #client;
  /** @type {ShownList | undefined} */
  #list;
  /** @type {Panel | undefined} */
  #panel;
  /** @type {import('./rows.js').Words} */
  #words = { texts: english, language: new Language(this) };
  /** Ends what lasts as long as it is open. @type {AbortController | undefined} */
  #opened;
  #trouble = '';

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    root.append(this.#button, this.#toasts.node, this.#announcer.node);
  }

  connectedCallback() {
    const given = /** @type {any} */ (this);
    for (const name of ['token', 'texts']) {
      // Set before the browser knew the element: it hides what is there to receive it.
      if (!Object.hasOwn(given, name)) continue;
      const value = given[name];
      delete given[name];
      given[name] = value;
    }
    // Not before whoever made it has set its properties, and not anew when it is only moved.
    setTimeout(() => this.isConnected && this.#start());
  }

  disconnectedCallback() {
    this.toggle(false);
    setTimeout(() => this.isConnected || this.#stop());
  }

  /** @param {string} _ @param {string | null} old @param {string | null} value */
  attributeChangedCallback(_, old, value) {
    if (this.#client && old !== value) {
      this.#stop();
      this.#start();
    }
  }

  /** A token of the user, or a function that gives one: it is asked again before the token ends. @param {Token} token */
  set token(token) {
    if (token === this.#token) return;
    this.#token = token;
    if (this.#client) this.#client.token = token;
  }

  /** Words that replace the English ones. @param {Partial<Texts>} texts */
  set texts(texts) {
    this.#texts = texts;
    if (this.#client) this.#draw();
  }

  /** How many messages are unread; null until it is known. */
  get count() {
    return this.#client?.count ?? null;
  }

  /** Opens or closes it. @param {boolean} [open] */
  toggle(open = !this.#opened) {
    const panel = this.#panel;
    if (!panel || open === !!this.#opened) return;
    const { node, rows } = panel;
    const hadFocus = node.contains(focusIn(node));
    this.#opened?.abort();
    this.#opened = open ? new AbortController() : undefined;
    node.classList.toggle('open', open);
    this.#button.ariaExpanded = `${open}`;
    if (this.#list) this.#list.isShown = open;
    if (!this.#opened) {
      node.hidePopover?.();
      if (hadFocus) this.#button.focus();
      return;
    }
    const { signal } = this.#opened;
    // A page may have many layers: this one is above all of them, where the browser can do so.
    node.showPopover?.();
    this.#trouble = '';
    this.#update();
    this.#place(node);
    node.focus();
    const close = () => this.toggle(false);
    addEventListener('keydown', ({ key }) => key === 'Escape' && close(), { signal });
    addEventListener('pointerdown', (event) => event.composedPath().includes(this) || close(), { signal });
    this.addEventListener('focusout', ({ relatedTarget: to }) => to && to !== this && close(), { signal });
    const timer = setInterval(() => {
      rows.tick();
      this.#update();
    }, 1000);
    signal.onabort = () => clearInterval(timer);
  }

  /** Below the button, for browsers that cannot anchor it. @param {HTMLElement} node */
  #place({ style: place, offsetWidth }) {
    if (CSS.supports('position-area: end')) return;
    const { left, right, bottom } = this.#button.getBoundingClientRect();
    const { clientWidth } = document.documentElement;
    const end = getComputedStyle(this).direction === 'rtl' ? left : clientWidth - right;
    // Through the object model: a strict policy lets no style attribute in.
    place.insetBlockStart = `${bottom + 6}px`;
    place.insetInlineEnd = `${Math.max(8, Math.min(end, clientWidth - offsetWidth))}px`;
  }

  #start() {
    if (this.#client) return;
    const api = this.getAttribute('api') ?? undefined;
    const poll = Number(this.getAttribute('poll')) || undefined;
    const client = (this.#client = new RestanteClient({ token: this.#token, poll, api }));
    this.#list = new ShownList(client, () => this.#update());
    client.listen(['message', 'read', 'count', 'state', 'reader'], (type, detail) => this.#hear(type, detail));
    this.#draw();
  }

  #stop() {
    this.#client?.close();
    this.#client = undefined;
    this.#toasts.clear();
  }

  /** @param {string} type @param {any} detail */
  #hear(type, detail) {
    if (type === 'reader') this.#toasts.clear();
    else if (type !== 'state') this.#fire(type, detail);
    else if (/error|out/.test(detail.state)) this.#fire('error', detail);
    if (type === 'message' && detail.unread) this.#arrive(detail);
    if (type === 'read' && !detail.unread) for (const id of detail.ids ?? []) this.#toasts.remove(id);
    this.#update();
  }

  /** @param {Item} item */
  #arrive(item) {
    this.#announcer.say(beginning(item.message), this.#words);
    const seconds = this.getAttribute('toasts');
    if (seconds === null || this.#opened || document.hidden) return;
    this.#toasts.show(item, this.#words, Number(seconds) || toastSeconds, (event) => this.#open(event, item));
  }

  /** Draws all of it anew, in the words that hold now. */
  #draw() {
    const wasOpen = !!this.#opened;
    this.toggle(false);
    const texts = { ...english, ...this.#texts };
    const list = /** @type {ShownList} */ (this.#list);
    this.#words = { texts, language: new Language(this) };
    const panel = new Panel(this.#words, {
      view: (view) => list.show(view),
      all: () => {
        panel.node.focus();
        this.#try(list.markAllRead(), texts.allRead);
      },
      more: async () => {
        const first = await this.#try(list.more());
        if (first) panel.rows.focus(first.id);
      },
      retry: () => {
        panel.hasFailed = false;
        this.#client?.retry();
        list.load();
      },
      open: (event, item) => this.#open(event, item),
      read: (item) => this.#try(list.markRead(item)),
      dismiss: (item) => {
        this.#fire('dismiss', { item });
        this.#try(list.dismiss(item), texts.dismissed);
      },
    }, this.getAttribute('inbox'));
    this.#panel?.node.remove();
    this.#panel = panel;
    this.#button.after(panel.node);
    this.#update();
    this.toggle(wasOpen);
  }

  #update() {
    const client = this.#client;
    const panel = this.#panel;
    if (!client || !this.#list || !panel) return;
    const { texts, language } = this.#words;
    const { count, health } = client;
    const isOff = /off|error|out/.test(health.state);
    const shown = language.number.format(Math.min(count ?? 0, 99));
    this.#button.ariaLabel = texts.button(count, shown, isOff);
    this.#button.toggleAttribute('data-offline', isOff);
    this.#badge.hidden = !count;
    this.#badge.textContent = Number(count) > 99 ? `${shown}+` : shown;
    if (!this.#opened) return;
    const trouble = panel.update(this.#list, client);
    if (!trouble !== !this.#trouble) this.#announcer.say(trouble || texts.online);
    this.#trouble = trouble;
  }

  /** @param {MouseEvent} event @param {Item} item */
  #open(event, item) {
    const { type, button: pressed, ctrlKey, metaKey, shiftKey } = event;
    const newTab = ctrlKey || metaKey || shiftKey || pressed === 1;
    if (type === 'auxclick' && !newTab) return;
    const url = safeLink(item.url, location.href)?.href;
    if (!this.#fire('open', { item, url, newTab }, true)) event.preventDefault();
    if (item.unread) this.#try(this.#list?.markRead(item));
    if (!newTab) this.toggle(false);
  }

  /**
   * @template T
   * @param {Promise<T> | undefined} done
   * @param {string} [said] when it is done
   */
  async #try(done, said) {
    const panel = /** @type {Panel} */ (this.#panel);
    try {
      const result = await done;
      panel.hasFailed = false;
      if (said) this.#announcer.say(said);
      return result;
    } catch (error) {
      panel.hasFailed = true;
      this.#fire('error', { state: this.#client?.health.state, error: String(error) });
      return undefined;
    } finally {
      this.#update();
    }
  }

  /** @param {string} name @param {unknown} detail */
  #fire(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`restante:${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }
}

if (!customElements.get('restante-bell')) customElements.define('restante-bell', RestanteBell);
