// Keys for whoever does not reach for the mouse.
import { untick } from './inbox-forms.js';
import { focusRow } from './inbox-page.js';

const STORED = 'restante-keys';

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => press(current()?.querySelector('.r-open')),
  u: () => press(document.getElementById('back')),
  '/': () => {
    search()?.focus();
    search()?.select();
  },
  x: () => press(current()?.querySelector('.r-pick')),
  e: () => act('read'),
  I: () => act('read'),
  U: () => act('unread'),
  i: () => act(current()?.hasAttribute('data-unread') ? 'read' : 'unread'),
  '#': () => act('dismiss'),
  Delete: () => act('dismiss'),
  A: () => press(document.getElementById('all-read')),
  '?': () => dialog()?.showModal(),
};

/** Listens to the keys, and shows what they do. */
export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || dialog()?.open) return;
    if (event.key === 'Escape') {
      leave(event);
    } else if (!isTyping(event.target) && isOn()) {
      const action = KEYS[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }
  });
  document.getElementById('show-keys')?.addEventListener('click', () => dialog()?.showModal());
  document.getElementById('close-keys')?.addEventListener('click', () => dialog()?.close());
  dialog()?.addEventListener('click', (event) => {
    // The dialog itself is hit only beside what it holds.
    if (event.target === event.currentTarget) dialog()?.close();
  });
  const box = document.getElementById('keys-on');
  if (box instanceof HTMLInputElement) {
    box.checked = isOn();
    box.addEventListener('change', () => remember(box.checked));
  }
}

/** Who speaks to the machine, or types with a stick, can do without keys that act at once. */
function isOn() {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

/** @param {boolean} on */
function remember(on) {
  try {
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, 'off');
  } catch {
    // A browser that keeps nothing asks again on the next page.
  }
}

/** @returns {HTMLDialogElement | null} */
function dialog() {
  return document.querySelector('dialog#keys');
}

/** @returns {HTMLInputElement | null} */
function search() {
  return document.querySelector('input#search');
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Out of the search; else nothing is chosen any more. @param {KeyboardEvent} event */
function leave(event) {
  if (event.target === search()) focusRow(current());
  else untick();
}

/** @returns {HTMLElement[]} */
function rows() {
  const all = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll('#messages .r-row:not([data-going])'));
  // Beside an open message a narrow screen has no room for them.
  return [...all].filter((row) => row.checkVisibility?.() ?? true);
}

/** The row with the focus, else the one that is open. */
function current() {
  const all = rows();
  return all.find((row) => row.contains(document.activeElement))
    ?? all.find((row) => row.querySelector('[aria-current]')) ?? null;
}

/** @param {number} by */
function move(by) {
  const all = rows();
  const row = current();
  const from = row ? all.indexOf(row) : by > 0 ? -1 : all.length;
  const to = all[from + by];
  if (to) focusRow(to);
}

/**
 * Does it to those that are chosen, else to the row with the focus, else to the message that is open.
 * @param {'read' | 'unread' | 'dismiss'} what
 */
function act(what) {
  const isChosen = document.querySelector('#messages .r-pick:checked') !== null;
  const place = isChosen ? document.querySelector('.when-picked') : current();
  const own = place?.querySelectorAll('button') ?? document.querySelectorAll('#about button');
  const button = [...own].find((button) => button.formAction.endsWith(`/${what}`)
    || (what === 'read' && button.id === 'seen'));
  press(button);
}

/** @param {Element | null | undefined} element */
function press(element) {
  if (element instanceof HTMLElement) element.click();
}
