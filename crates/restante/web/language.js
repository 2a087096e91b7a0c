// Numbers and times as the page's language writes them.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export class Language {
  /** @param {string} tag a language, such as `en`; one that is not known counts as the browser's */
  constructor(tag) {
    let known;
    try {
      known = Intl.getCanonicalLocales(tag);
    } catch {
      // The page says something else than a language.
    }
    this.relative = new Intl.RelativeTimeFormat(known, { style: 'short', numeric: 'auto' });
    this.date = new Intl.DateTimeFormat(known, { dateStyle: 'medium' });
    this.full = new Intl.DateTimeFormat(known, { dateStyle: 'full', timeStyle: 'short' });
    this.clock = new Intl.DateTimeFormat(known, { timeStyle: 'short' });
    this.number = new Intl.NumberFormat(known);
  }

  /** How long ago; after a week the date. @param {Date} then @param {number} now */
  ago(then, now) {
    const seconds = Math.round((now - then.getTime()) / 1000);
    if (seconds < 45) return this.relative.format(0, 'second');
    if (seconds < hour) return this.relative.format(-Math.max(1, Math.round(seconds / minute)), 'minute');
    // By the calendar: yesterday begins at midnight.
    const days = Math.round((new Date(now).setHours(12, 0, 0, 0) - new Date(then).setHours(12, 0, 0, 0)) / 1000 / day);
    if (days < 1) return this.relative.format(-Math.round(seconds / hour), 'hour');
    return days < 7 ? this.relative.format(-days, 'day') : this.date.format(then);
  }
}

/** The language of what an element stands in. @param {Element} element */
export function languageOf(element) {
  for (let node = /** @type {Node | null} */ (element); node;) {
    const root = node.getRootNode();
    const said = node instanceof Element && node.closest('[lang]')?.getAttribute('lang');
    if (said) return said;
    node = root instanceof ShadowRoot ? root.host : null;
  }
  return navigator.language;
}
