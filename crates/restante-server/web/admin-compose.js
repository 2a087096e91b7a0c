// The form of a message, made livelier: what the reader will see while it is written, how many it
// reaches, and a long list that goes up with a bar. Without this script it is a plain form.

const grouped = new Intl.NumberFormat('en');
const encoder = new TextEncoder();

/** @param {number} number @param {string} one */
const counted = (number, one) => `${grouped.format(number)} ${one}${number === 1 ? '' : 's'}`;

/** @template {Element} T @param {string} id @param {new () => T} kind @returns {T} */
function find(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`);
  return element;
}

/** @param {string} text */
function ids(text) {
  const unique = new Set(text.split('\n').map((line) => line.trim()));
  unique.delete('');
  return unique.size;
}

/** How many ids the chosen file has; nothing until it was read. @type {number | undefined} */
let inFile;
/** Counts the files that were chosen, so that one that takes long does not speak for the next. */
let choice = 0;

/** The words of the levels, with their icons. @type {Record<string, [string, string]>} */
const levels = {
  info: ['Info', 'info'], success: ['Success', 'success'], warning: ['Warning', 'warning'],
  error: ['Error', 'error'], debug: ['Debug', 'debug'],
};

/** @param {HTMLFormElement} form */
const chosen = (form) => new FormData(form);

/** What a link leads to, if it may lead there. @param {string} url */
function leadsTo(url) {
  if (/^\/(?![/\\])\S*$/.test(url)) return url;
  if (!/^https?:\/\/[^\s/\\?#]/i.test(url)) return undefined;
  try {
    const { host, pathname } = new URL(url);
    return host + (pathname === '/' ? '' : pathname);
  } catch {
    return undefined;
  }
}

/** @param {HTMLFormElement} form */
function showPreview(form) {
  const data = chosen(form);
  const text = String(data.get('message') ?? '').replaceAll('\r\n', '\n');
  const shown = find('preview-text', HTMLElement);
  shown.textContent = text === '' ? 'Nothing is written yet.' : text;
  shown.classList.toggle('muted', text === '');
  const bytes = encoder.encode(text).length;
  find('message-n', HTMLElement).textContent = `${grouped.format(bytes)} of 16,384 bytes`;

  const level = String(data.get('level') ?? 'info');
  const number = String(data.get('level_number') ?? '').trim();
  const [word, icon] = levels[level] ?? [`Level ${number || '–'}`, 'tag'];
  find('preview-word', HTMLElement).textContent = word;
  find('preview-icon', SVGUseElement).setAttribute('href', `#i-${icon}`);
  find('preview-row', HTMLElement).dataset['level'] = icon === 'tag' ? 'custom' : icon;

  const tags = String(data.get('tags') ?? '').split(/\s+/).filter(Boolean).map((tag) => {
    const shownTag = document.createElement('span');
    shownTag.className = 'r-tag';
    shownTag.dir = 'auto';
    shownTag.textContent = tag;
    return shownTag;
  });
  find('preview-tags', HTMLElement).replaceChildren(...tags);

  const link = leadsTo(String(data.get('url') ?? '').trim());
  const shownLink = find('preview-link', HTMLElement);
  shownLink.hidden = link === undefined;
  const where = shownLink.querySelector('bdi');
  if (where) where.textContent = ` ${link ?? ''}`;
  showExpiry(form, data);
}

/** The words of the default are the page's own. @type {string} */
let usually = '';

/** @param {HTMLFormElement} form @param {FormData} data */
function showExpiry(form, data) {
  const option = form.querySelector('#expires option');
  usually ||= option?.textContent?.split(': ')[1] ?? '';
  const at = String(data.get('expires_at') ?? '');
  const time = at === '' ? Number.NaN : Date.parse(`${at}Z`);
  const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  /** @type {Record<string, string>} */
  const told = {
    default: usually,
    in: String(data.get('expires_in') ?? '').trim() || '–',
    at: Number.isNaN(time) ? '–' : `${full.format(time)} UTC`,
    never: 'never',
  };
  find('preview-expires', HTMLElement).textContent = told[String(data.get('expires'))] ?? '–';
}

/** Whom it reaches, and what the button says. @param {HTMLFormElement} form */
function showReach(form) {
  const data = chosen(form);
  const to = data.get('to');
  const users = ids(String(data.get('users') ?? ''));
  const list = inFile ?? ids(String(data.get('list') ?? ''));
  const number = to === 'list' ? list : users;
  const reaches = to === 'everyone' ? 'everyone' : number > 0 ? counted(number, 'user') : '–';
  find('preview-reaches', HTMLElement).textContent = reaches;
  const told = reaches === '–' ? 'Send' : `Send to ${reaches}`;
  find('send-told', HTMLElement).textContent = to === 'everyone' ? `${told}…` : told;
  if (users > 0) {
    find('users-n', HTMLElement).textContent = counted(users, 'user');
  }
}

/** @param {string} told @param {number} part of a hundred */
function showBar(told, part) {
  find('file-progress', HTMLElement).hidden = false;
  find('file-told', HTMLElement).textContent = told;
  find('file-percent', HTMLElement).textContent = `${Math.floor(part)} %`;
  find('file-bar', HTMLProgressElement).value = part;
}

/** Counts the ids of a file while it is read, before anything is sent. @param {HTMLFormElement} form */
async function readFile(form) {
  const file = find('file', HTMLInputElement).files?.[0];
  const mine = (choice += 1);
  inFile = undefined;
  find('file-progress', HTMLElement).hidden = true;
  showReach(form);
  if (!file) return;
  const [unique, hint] = [/** @type {Set<string>} */ (new Set()), find('file-n', HTMLElement)];
  let [rest, all, read] = ['', 0, 0];
  /** @param {string} line */
  const take = (line) => {
    const id = line.trim();
    if (id === '') return;
    all += 1;
    unique.add(id);
  };
  const decoder = new TextDecoder();
  for await (const part of chunks(file)) {
    if (mine !== choice) return;
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
    read += part.length;
    showBar(`Reading: ${counted(all, 'id')}`, (100 * read) / file.size);
  }
  if (mine !== choice) return;
  take(rest + decoder.decode());
  inFile = unique.size;
  const twice = all - unique.size;
  const left = twice > 0 ? `, ${grouped.format(twice)} named twice left out` : '';
  hint.textContent = `${counted(inFile, 'user')}${left}. Nothing is sent before you press Send.`;
  find('file-progress', HTMLElement).hidden = true;
  showReach(form);
}

/** @param {File} file */
async function* chunks(file) {
  const reader = file.stream().getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/**
 * Sends the form with its file, with a bar, and stays on the page if it is refused: the file is
 * still chosen then.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 */
function upload(form, button) {
  const data = new FormData(form, button);
  const request = new XMLHttpRequest();
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll('button'));
  buttons.forEach((one) => { one.disabled = true; });
  const again = () => buttons.forEach((one) => { one.disabled = false; });
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    showBar(loaded < total ? 'Sending the list' : 'Sent the list; it is being taken', (100 * loaded) / total);
  });
  request.addEventListener('error', () => {
    again();
    showBar('The server could not be reached. Nothing is lost: press Send again.', 0);
  });
  request.addEventListener('load', () => {
    again();
    if (request.status === 201) {
      location.assign(JSON.parse(request.responseText).url);
    } else {
      showAnswer(request.responseText);
    }
  });
  // The property of that name is a button of the form.
  request.open('POST', form.getAttribute('action') ?? location.href);
  // A form that was taken is answered with an address, all else with a page.
  request.setRequestHeader('accept', 'application/json');
  request.send(data);
}

/** Puts the page of an answer in the place of this one, but for the file that was chosen. @param {string} html */
function showAnswer(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const [theirs, ours] = [page.querySelector('main'), document.querySelector('main')];
  if (!theirs || !ours) return;
  const [file, place] = [ours.querySelector('#file'), theirs.querySelector('#file')];
  if (file && place) {
    for (const name of ['aria-invalid', 'aria-describedby']) {
      const value = place.getAttribute(name);
      if (value === null) file.removeAttribute(name);
      else file.setAttribute(name, value);
    }
    place.replaceWith(document.adoptNode(file));
  }
  ours.replaceWith(document.adoptNode(theirs));
  document.title = page.title;
  begin();
  const wrong = document.getElementById('wrong');
  if (wrong) wrong.focus();
}

function begin() {
  const form = document.getElementById('compose');
  if (!(form instanceof HTMLFormElement)) return;
  // What is written is shown at once.
  find('preview', HTMLButtonElement).hidden = true;
  form.addEventListener('input', () => { showPreview(form); showReach(form); });
  find('file', HTMLInputElement).addEventListener('change', () => void readFile(form));
  form.addEventListener('submit', (event) => {
    const hasFile = (find('file', HTMLInputElement).files?.length ?? 0) > 0;
    if (chosen(form).get('to') !== 'list' || !hasFile) return;
    event.preventDefault();
    upload(form, event.submitter);
  });
  showPreview(form);
  void readFile(form);
  // An error is read out, and from there it is one step to its field.
  document.getElementById('wrong')?.focus();
}

begin();
