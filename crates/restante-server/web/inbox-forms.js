// The forms of the list, sent in place, and the boxes by which messages are chosen.
import { focusRow } from './inbox-page.js';

/** @typedef {import('./inbox-page.js').Page} Page */
/** @typedef {import('./inbox-page.js').News} News */

/**
 * @param {Page} page
 * @param {(sent: Promise<News>) => Promise<unknown>} done hears what becomes of each form
 */
export function sendInPlace(page, done) {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!(form instanceof HTMLFormElement && form.id === 'messages')) return;
    if (!(button instanceof HTMLButtonElement)) return;
    const rows = rowsOf(form, button);
    // Whoever dismisses the message that is open is led back to the list.
    if (isDismissal(button) && rows.some((row) => row.querySelector('[aria-current]'))) return;
    event.preventDefault();
    // Enter in a box sends a form too, also when none is ticked.
    if (isForTicked(button) && rows.length === 0) return;
    const sent = page.send(form, button);
    const leaving = leaves(form, button) ? rows : [];
    letGo(leaving);
    if (isForTicked(button)) {
      untick();
      // The button goes with the choice.
      if (leaving.length === 0) focusRow(rows[0] ?? null);
    }
    done(sent).catch(() => {
      for (const row of leaving) row.removeAttribute('data-going');
    });
  });
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.id === 'tick-all') for (const box of boxes()) box.checked = target.checked;
    if (target.id === 'tick-all' || target.classList.contains('r-pick')) showTicked();
  });
  showTicked();
}

/** @returns {NodeListOf<HTMLInputElement>} */
function boxes() {
  return document.querySelectorAll('#messages .r-pick');
}

/** How many are ticked, also in the box for all. */
export function showTicked() {
  const all = document.getElementById('tick-all');
  const words = document.getElementById('ticked');
  if (!(all instanceof HTMLInputElement) || !words) return;
  const ticked = [...boxes()].filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
  words.textContent = `${ticked} selected`;
}

/** Unticks every box. */
export function untick() {
  for (const box of boxes()) box.checked = false;
  showTicked();
}

/** @param {HTMLButtonElement} button */
function isForTicked(button) {
  return button.formAction.includes('/inbox/ticked/');
}

/** @param {HTMLButtonElement} button */
function isDismissal(button) {
  return button.formAction.endsWith('/dismiss');
}

/**
 * The rows on which a button acts.
 * @param {HTMLFormElement} form @param {HTMLButtonElement} button
 */
function rowsOf(form, button) {
  const own = button.closest('.r-row');
  if (own) return [own];
  const all = [...form.querySelectorAll('.r-row')];
  return isForTicked(button) ? all.filter((row) => row.querySelector('.r-pick:checked')) : all;
}

/**
 * Whether they will be gone from this list.
 * @param {HTMLFormElement} form @param {HTMLButtonElement} button
 */
function leaves(form, button) {
  const isUnreadView = new FormData(form).get('view') !== 'archive';
  return isDismissal(button) || (isUnreadView && button.formAction.endsWith('/read'));
}

/**
 * Shows that rows are on their way out, and moves on from them: the next key is for the next row.
 * @param {Element[]} rows
 */
function letGo(rows) {
  const active = document.activeElement;
  const first = rows.find((row) => row.contains(active)) ?? rows[0];
  const isHere = document.getElementById('messages')?.contains(active);
  for (const row of rows) row.setAttribute('data-going', '');
  if (!first || !isHere) return;
  const all = [...document.querySelectorAll('#messages .r-row')];
  const next = all.slice(all.indexOf(first)).find((row) => !row.hasAttribute('data-going'));
  focusRow(next ?? null);
}
