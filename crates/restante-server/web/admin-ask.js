// What asks again does so in a dialog on the page where it was asked. Without this script, and
// whenever anything goes wrong, the link leads to a page that asks.

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * The question of another page of ours.
 * @param {string} address
 * @returns {Promise<{ title: string, form: Element } | undefined>}
 */
async function question(address) {
  const answer = await fetch(address, { headers: { accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return undefined;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const title = page.querySelector('main h1')?.textContent;
  const form = page.querySelector('main form.a-ask');
  return title && form ? { title, form: document.importNode(form, true) } : undefined;
}

/** @param {string} title @param {Element} form */
function show(title, form) {
  dialog?.remove();
  const shown = document.createElement('dialog');
  shown.className = 'a-dialog';
  shown.setAttribute('aria-labelledby', 'ask-title');
  const head = document.createElement('div');
  head.className = 'r-dlg-head';
  const heading = document.createElement('h2');
  heading.id = 'ask-title';
  heading.textContent = title;
  head.append(heading);
  form.classList.remove('r-panel', 'r-pad');
  shown.append(head, form);
  // Whoever keeps it stays where they are.
  const keep = form.querySelector('[data-keep]');
  keep?.setAttribute('role', 'button');
  keep?.addEventListener('click', (event) => {
    event.preventDefault();
    shown.close();
  });
  keep?.addEventListener('keydown', (event) => {
    if (event instanceof KeyboardEvent && event.key === ' ') {
      event.preventDefault();
      shown.close();
    }
  });
  document.querySelector('main')?.append(shown);
  shown.showModal();
  if (keep instanceof HTMLElement) keep.focus();
  dialog = shown;
}

document.addEventListener('click', async (event) => {
  const link = event.target instanceof Element && event.target.closest('a[data-ask]');
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  try {
    const asked = await question(link.href);
    if (asked) {
      show(asked.title, asked.form);
      return;
    }
  } catch {
    // The page itself says what is wrong.
  }
  location.assign(link.href);
});
