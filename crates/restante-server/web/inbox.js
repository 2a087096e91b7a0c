// The inbox page where scripts run: what its forms do happens in place, and it stays up to date.
import { follow } from './inbox-follow.js';
import { sendInPlace, showTicked } from './inbox-forms.js';
import { listenToKeys } from './inbox-keys.js';
import { Page, Refused, SignedOut } from './inbox-page.js';
import { note, say } from './inbox-say.js';

/** @typedef {import('./inbox-page.js').News} News */
/** @typedef {import('./inbox-follow.js').State} State */

const MINUTE = 60_000;

/** @type {Record<State, [string, string]>} */
const STATES = {
  live: ['Live', ''],
  poll: ['Every 15 s', 'poll'],
  offline: ['Offline', 'off'],
  ended: ['Signed out', 'off'],
};

let hiddenAt = 0;
/** @type {Set<number>} Which messages arrived while an older page was shown. */
const missed = new Set();
/** @type {State | undefined} What was heard of the connection last. */
let heard;

const page = new Page(showTicked);
const live = follow(page.shell.dataset.api ?? '', () => page.shell.dataset.asOf ?? '', {
  changed: refresh,
  arrived,
  counted: (unread) => {
    if (unread !== page.unread) refresh();
  },
  state: (state) => {
    if (state === heard) return;
    heard = state;
    showState(state);
  },
});
live.catch(() => showState('offline'));
sendInPlace(page, done);
listenToKeys();
markSeen();
tellAges();
setInterval(tellAges, MINUTE / 2);
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenAt = Date.now();
  // Days have names that end at midnight.
  else if (Date.now() - hiddenAt > MINUTE) refresh();
});
addEventListener('pageshow', (event) => {
  if (event.persisted) refresh();
});

/** Shows what changed, and says how many messages are new. */
async function refresh() {
  try {
    const { arrived } = await page.refresh();
    if (arrived > 0) say(arrived === 1 ? '1 new message.' : `${arrived} new messages.`);
    succeeded();
  } catch (error) {
    // Whoever cannot be reached is told of by the state.
    if (error instanceof SignedOut) showState('ended');
    else if (error instanceof Refused && error.status === 404) leave();
  }
}

/** New messages are on the newest page. Another says that they are there. @param {number} id */
function arrived(id) {
  const { newest } = page.shell.dataset;
  if (!newest) return;
  missed.add(id);
  const words = missed.size === 1 ? '1 new message.' : `${missed.size} new messages.`;
  note('new', words, { words: 'Show the newest', href: newest });
}

/** What became of a form. @param {Promise<News>} sent */
async function done(sent) {
  try {
    const { said } = await sent;
    for (const text of said) say(text);
    succeeded();
    live.then(({ tellOthers }) => tellOthers(), () => {});
  } catch (error) {
    if (error instanceof SignedOut) {
      showState('ended');
    } else if (error instanceof Refused && error.status === 404) {
      say('It is gone already.');
      refresh();
    } else {
      const why = error instanceof Refused ? error.message : 'the server cannot be reached';
      note('failed', `That did not work: ${why}.`);
    }
    throw error;
  }
}

/** What did not work works again; whoever was signed out is signed in. */
function succeeded() {
  note('failed');
  if (heard && document.getElementById('note-ended')) showState(heard);
}

/** @param {State} state */
function showState(state) {
  const [words, style] = STATES[state];
  const shown = document.getElementById('live');
  if (shown) {
    shown.textContent = words;
    shown.className = `r-live r-js ${style}`;
  }
  const time = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const isOld = `You are offline. This is how it was at ${time}; it is brought up to date when the connection is back.`;
  const isOffline = document.getElementById('note-offline') !== null;
  if (state !== 'offline') note('offline');
  else if (!isOffline) note('offline', isOld);
  if (isOffline && state === 'live') say('Connected again.');
  if (state === 'ended') {
    note('ended', 'You are signed out. What is shown may be old.', { words: 'Sign in again', href: location.href });
  } else {
    note('ended');
  }
}

/** A page that was fetched ahead, or opened behind another, has not been seen. */
function markSeen() {
  const button = document.getElementById('seen');
  if (!(button instanceof HTMLButtonElement) || !button.form) return;
  if (document.visibilityState === 'hidden') {
    document.addEventListener('visibilitychange', markSeen, { once: true });
  } else {
    done(page.send(button.form, button)).catch(() => {});
  }
}

/** The message that is open is gone: dismissed elsewhere, taken back, or expired. */
function leave() {
  const back = document.getElementById('back');
  if (back instanceof HTMLAnchorElement) location.replace(back.href);
}

/** Ages of some hours, counted on; the server knows the days. */
function tellAges() {
  for (const time of document.querySelectorAll('#messages time')) {
    const minutes = Math.floor((Date.now() - Date.parse(time.getAttribute('datetime') ?? '')) / MINUTE);
    if (minutes >= 1 && minutes < 60) time.textContent = `${minutes} min ago`;
    else if (minutes >= 60 && minutes < 360) time.textContent = `${Math.floor(minutes / 60)} h ago`;
  }
}
