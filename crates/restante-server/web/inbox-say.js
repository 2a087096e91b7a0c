// What is said beside the messages: to those who listen, and in a line above the list.

const BATCH = 200;

/** @type {string[]} */
let waiting = [];

/**
 * Announces it. What comes within a moment is said in one breath.
 * @param {string} text
 */
export function say(text) {
  if (waiting.push(text) > 1) return;
  const status = document.getElementById('status');
  // Emptied first, so that the same words are heard again.
  if (status) status.textContent = '';
  setTimeout(() => {
    if (status) status.textContent = waiting.join(' ');
    waiting = [];
  }, BATCH);
}

/**
 * Shows a line above the list and announces it; without a text the line goes.
 * @param {string} name which line
 * @param {string} [text]
 * @param {{ words: string, href: string }} [way] where to go on
 */
export function note(name, text, way) {
  const notes = document.getElementById('notes');
  const old = document.getElementById(`note-${name}`);
  if (!text || !notes) {
    old?.remove();
    return;
  }
  if (old?.querySelector('p')?.textContent === text) return;
  const line = document.createElement('div');
  line.className = 'r-note';
  line.id = `note-${name}`;
  const words = document.createElement('p');
  words.textContent = text;
  line.append(words);
  if (way) {
    const link = document.createElement('a');
    link.className = 'r-btn';
    link.href = way.href;
    link.textContent = way.words;
    line.append(link);
  }
  if (old) old.replaceWith(line);
  else notes.append(line);
  say(text);
}
