// <restante-bell>: a bell that counts what waits, opens the inbox, and says what comes.
import { Announcer } from './announcer.js';
import { icon, make } from './dom.js';
import { Language, languageOf } from './language.js';
import { safeLink } from './link.js';
import { Panel } from './panel.js';
import { place } from './place.js';
import { RestanteClient } from './restante-client.js';
import { beginning } from './row.js';
import { ShownList } from './shown-list.js';
import { style } from './style.js';
import { english } from './texts.js';
import { Toasts } from './toasts.js';

export { RestanteClient };

/** @typedef {import('./types.d.ts').Item} Item */
/** @typedef {import('./session.js').Token} Token */
/** @typedef {import('./texts.js').Texts} Texts */

const hasPopover = 'popover' in HTMLElement.prototype;
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
  #badge = make('span', { class: 'badge', part: 'badge', 'aria-hidden': 'true' });
  #button = make('button', {
    class: 'button', part: 'button', type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
    popovertarget: hasPopover && 'popover',
  }, icon('bell'), this.#badge);
  /** What lasts as long as the bell is part of the page. */
  #life = new AbortController();
  /** @type {RestanteClient | undefined} */
  #client;
  /** @type {ShownList | undefined} */
  #list;
  /** @type {Panel | undefined} */
  #panel;
  #words = { texts: english, language: new Language('en') };
  #second = 0;
  #trouble = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    root.append(this.#button, this.#toasts.node, this.#announcer.node);
    if (!hasPopover) this.#button.addEventListener('click', () => (this.isOpen ? this.close() : this.open()));
  }

  connectedCallback() {
    for (const name of /** @type {const} */ (['token', 'texts'])) {
      // Set before the browser knew the element: it hides what is there to receive it.
      if (Object.hasOwn(this, name)) {
        const { [name]: value } = /** @type {any} */ (this);
        Reflect.deleteProperty(this, name);
        Object.assign(this, { [name]: value });
      }
    }
    // Not before whoever made it has set its properties, and not anew when it is only moved.
    setTimeout(() => this.isConnected && this.#start());
  }

  disconnectedCallback() {
    this.close();
    setTimeout(() => this.isConnected || this.#stop());
  }

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (!this.#client || old === value) return;
    if (name === 'api' || name === 'poll') this.#stop();
    this.#start();
    this.#draw();
  }

  /** A token of the user, or a function that gives one: it is asked again before the token ends. */
  get token() {
    return this.#token;
  }

  set token(token) {
    if (token === this.#token) return;
    this.#token = token;
    if (this.#client) this.#client.token = token;
  }

  /** Words that replace the English ones. @returns {Partial<Texts>} */
  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#texts = texts;
    if (this.#client) this.#draw();
  }

  /** How many messages are unread; null until it is known. */
  get count() {
    return this.#client?.count ?? null;
  }

  get isOpen() {
    return this.#panel?.node.classList.contains('open') ?? false;
  }

  open() {
    if (this.isOpen || !this.#panel) return;
    if (hasPopover) this.#panel.node.showPopover();
    else this.#toggle(true);
  }

  close() {
    if (!this.isOpen) return;
    if (hasPopover) this.#panel?.node.hidePopover();
    else {
      this.#toggle(false);
      this.#button.focus();
    }
  }

  #start() {
    if (this.#client) return;
    const { signal } = (this.#life = new AbortController());
    const api = this.getAttribute('api');
    const poll = Number(this.getAttribute('poll')) || undefined;
    const client = (this.#client = new RestanteClient({ token: this.#token, poll, ...(api && { api }) }));
    const list = (this.#list = new ShownList(client, signal));
    /** @param {string} type @param {(detail: any) => void} hear */
    const on = (type, hear) => client.addEventListener(type, (event) => hear(/** @type {CustomEvent} */ (event).detail));
    on('message', (item) => this.#arrive(item));
    on('read', (change) => {
      if (!change.unread) change.ids?.forEach((/** @type {number} */ id) => this.#toasts.remove(id));
      this.#fire('read', change);
    });
    on('count', (count) => {
      this.#update();
      this.#fire('count', count);
    });
    on('state', (health) => {
      if (health.state === 'error' || health.state === 'signed-out') this.#fire('error', health);
      this.#update();
    });
    on('reader', () => this.#toasts.clear());
    list.addEventListener('change', () => this.#update());
    this.#draw();
  }

  #stop() {
    this.#life.abort();
    this.#client?.close();
    this.#client = undefined;
    this.#toasts.clear();
    clearInterval(this.#second);
  }

  /** Draws all of it anew, in the words that hold now. */
  #draw() {
    const wasOpen = this.isOpen;
    const texts = { ...english, ...this.#texts, levels: { ...english.levels, ...this.#texts.levels } };
    this.#words = { texts, language: new Language(languageOf(this)) };
    const panel = new Panel(this.#words, {
      view: (view) => void this.#list?.show(view),
      all: () => {
        panel.rows.node.isConnected ? panel.rows.node.focus() : panel.node.focus();
        void this.#try(this.#list?.markAllRead(), texts.allRead);
      },
      more: () => void this.#more(panel),
      retry: () => this.#retry(),
      open: (event, item) => this.#open(event, item),
      read: (item) => void this.#try(this.#list?.markRead(item)),
      dismiss: (item) => {
        this.#fire('dismiss', { item });
        void this.#try(this.#list?.dismiss(item), texts.dismissed);
      },
    });
    panel.inbox = this.getAttribute('inbox');
    panel.node.addEventListener('beforetoggle', (event) => this.#toggle(event.newState === 'open'));
    panel.node.addEventListener('focusout', (event) => {
      const { relatedTarget: to } = event;
      if (to instanceof Node && !this.contains(to) && !this.shadowRoot?.contains(to)) this.close();
    });
    if (this.#panel) this.#panel.node.remove();
    this.#panel = panel;
    this.#button.after(panel.node);
    this.#update();
    if (wasOpen) this.open();
  }

  #update() {
    const { texts, language } = this.#words;
    const [client, list, panel] = [this.#client, this.#list, this.#panel];
    if (!client || !list || !panel) return;
    const { count, health } = client;
    const isOffline = ['offline', 'error', 'signed-out'].includes(health.state);
    const shown = language.number.format(Math.min(count ?? 0, 99));
    const label = texts.button(count, shown);
    this.#button.setAttribute('aria-label', isOffline && count !== null ? texts.buttonOffline(label) : label);
    this.#button.toggleAttribute('data-offline', isOffline);
    this.#badge.hidden = !count;
    this.#badge.textContent = count && count > 99 ? `${shown}+` : shown;
    if (!this.isOpen) return;
    panel.update(list, client);
    const trouble = panel.trouble(list, health);
    if (this.#trouble !== (trouble !== '')) this.#announcer.say(trouble || texts.online);
    this.#trouble = trouble !== '';
  }

  /** @param {boolean} isOpen */
  #toggle(isOpen) {
    const { node, rows } = /** @type {Panel} */ (this.#panel);
    node.classList.toggle('open', isOpen);
    this.#button.setAttribute('aria-expanded', String(isOpen));
    clearInterval(this.#second);
    if (this.#list) this.#list.isShown = isOpen;
    if (!isOpen) return;
    this.#trouble = false;
    this.#update();
    rows.tick();
    place(node, this.#button);
    let seconds = 0;
    this.#second = setInterval(() => {
      if ((seconds += 1) % 30 === 0) rows.tick();
      if (this.#trouble) this.#update();
    }, 1000);
    if (hasPopover) return;
    node.focus();
    const { signal } = this.#life;
    const leave = (/** @type {Event} */ event) => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !event.composedPath().includes(this)) this.close();
      if (!this.isOpen) for (const type of ['keydown', 'pointerdown']) removeEventListener(type, leave);
    };
    for (const type of ['keydown', 'pointerdown']) addEventListener(type, leave, { signal });
  }

  #retry() {
    this.#panel?.calm();
    this.#client?.retry();
    void this.#list?.load();
  }

  /** @param {Panel} panel */
  async #more(panel) {
    const first = await this.#try(this.#list?.more());
    if (first && this.isOpen) panel.rows.focus(first.id);
  }

  /** @param {MouseEvent} event @param {Item} item */
  #open(event, item) {
    const isMiddle = event.type === 'auxclick';
    if (isMiddle && event.button !== 1) return;
    const newTab = isMiddle || event.ctrlKey || event.metaKey || event.shiftKey;
    const url = safeLink(item.url, location.href)?.href;
    if (!this.#fire('open', { item, url, newTab }, true)) event.preventDefault();
    if (item.unread) void this.#try(this.#list?.markRead(item));
    if (!newTab) this.close();
  }

  /** @param {Item} item */
  #arrive(item) {
    this.#fire('message', item);
    if (!item.unread) return;
    this.#announcer.arrive(beginning(item.message), this.#words);
    const seconds = this.getAttribute('toasts');
    if (seconds === null || this.isOpen || document.hidden) return;
    this.#toasts.show(item, this.#words, Number(seconds) || toastSeconds, (event) => this.#open(event, item));
  }

  /**
   * @template T
   * @param {Promise<T> | undefined} done
   * @param {string} [said] when it is done
   */
  async #try(done, said) {
    try {
      const result = await done;
      this.#panel?.calm();
      if (said) this.#announcer.say(said);
      return result;
    } catch (error) {
      this.#panel?.fail();
      this.#announcer.say(this.#words.texts.notDone);
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
