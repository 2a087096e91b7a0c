// An inbox in a browser: a server, somebody who is signed in, and what tests look for on the page.
import { newPage, openBrowser } from './browser.js';
import { Sandbox } from './server.js';

/** @typedef {import('playwright-core').Page & { errors: string[] }} Page */

/** A server with a browser before it. */
export class Desk {
  /** @param {Sandbox} sandbox @param {import('./server.js').Server} server @param {string} key @param {import('playwright-core').Browser} browser */
  constructor(sandbox, server, key, browser) {
    this.sandbox = sandbox;
    this.server = server;
    this.key = key;
    this.browser = browser;
  }

  static async open() {
    const sandbox = await Sandbox.create();
    const [server, key, browser] = await Promise.all(
      [sandbox.serve(), sandbox.key('send', 'tokens'), openBrowser()]);
    return new Desk(sandbox, server, key, browser);
  }

  async close() {
    await this.browser.close();
    await this.sandbox.close();
  }

  /**
   * Sends by HTTP, which takes less time than a process of its own.
   * @param {string} user @param {string} message @param {Record<string, unknown>} [more]
   */
  send(user, message, more = {}) {
    const body = { to: [user], message, level: 'info', ...more };
    return this.server.ask('/v1/messages', { method: 'POST', token: this.key, body });
  }

  /**
   * A browser's profile in which a user is signed in by a one-use link.
   * @param {string} user
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  async signIn(user, options) {
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    await page.goto(await this.server.signInLink(user, this.key));
    await page.close();
    return context;
  }

  /**
   * A page of this profile that stays up to date, if it can.
   * @param {import('playwright-core').BrowserContext} context
   * @param {string} [path]
   * @returns {Promise<Page>}
   */
  async visit(context, path = '/inbox') {
    const page = await newPage(context);
    await page.goto(this.server.url + path);
    return page;
  }

  /** What a user's inbox holds. @param {string} user @param {'unread' | 'archive'} [view] */
  list(user, view = 'unread') {
    const more = view === 'archive' ? ['--archive'] : [];
    return this.sandbox.run('inbox', user, '--limit', '100', ...more);
  }
}

/** The row of the message with this text. @param {Page} page @param {string} text */
export function row(page, text) {
  return page.locator('.r-row', { hasText: text });
}

/** The texts that are shown, newest first. @param {Page} page */
export function texts(page) {
  return page.locator('.r-row .r-excerpt').allTextContents();
}

/** Waits until the page hears of changes by itself. @param {Page} page */
export function isLive(page) {
  return page.locator('#live', { hasText: /^Live$/ }).waitFor();
}

/** Waits until this has been announced. @param {Page} page @param {string} text */
export function isSaid(page, text) {
  return page.locator('#status', { hasText: text }).waitFor({ state: 'attached' });
}

/** Waits until exactly these are shown. @param {Page} page @param {string[]} expected */
export function shows(page, expected) {
  return page.waitForFunction((expected) => {
    const shown = [...document.querySelectorAll('.r-row .r-excerpt')].map((text) => text.textContent);
    return JSON.stringify(shown) === JSON.stringify(expected);
  }, expected);
}

/** The text of the row that has the focus. @param {Page} page */
export function focused(page) {
  return page.evaluate(() => document.activeElement?.closest('.r-row')
    ?.querySelector('.r-excerpt')?.textContent ?? document.activeElement?.id);
}
