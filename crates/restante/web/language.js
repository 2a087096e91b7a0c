// Numbers and times as the page's language writes them.

export class Language {
  /** @param {Element} element what stands in it */
  constructor(element) {
    const said = /** @type {HTMLElement} */ (element.closest('[lang]') ?? document.documentElement);
    /** @type {string[]} */
    let known = [];
    try {
      known = Intl.getCanonicalLocales(said.lang);
    } catch {
      // The page says none, or something else than a language: then it is the browser's.
    }
    const date = (/** @type {Intl.DateTimeFormatOptions} */ style) => new Intl.DateTimeFormat(known, style);
    this.relative = new Intl.RelativeTimeFormat(known, { style: 'short', numeric: 'auto' });
    this.date = date({ dateStyle: 'medium' });
    this.full = date({ dateStyle: 'full', timeStyle: 'short' });
    this.clock = date({ timeStyle: 'short' });
    this.number = new Intl.NumberFormat(known);
  }

  /** How long ago; after a week the date. @param {Date} then @param {number} now */
  ago(then, now) {
    const noon = (/** @type {Date | number} */ date) => new Date(date).setHours(12, 0, 0, 0);
    const minutes = Math.round((now - then.getTime()) / 60000);
    // By the calendar: yesterday begins at midnight.
    const days = Math.round((noon(now) - noon(then)) / 86400000);
    if (days > 6) return this.date.format(then);
    const ago = (/** @type {number} */ n, /** @type {Intl.RelativeTimeFormatUnit} */ unit) => this.relative.format(-n, unit);
    return minutes < 1 ? ago(0, 'second') : minutes < 60 ? ago(minutes, 'minute') : days < 1 ? ago(Math.round(minutes / 60), 'hour') : ago(days, 'day');
  }
}
