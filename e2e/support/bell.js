// What the tests of the bell begin with.
import { Host } from './host.js';
import { newPage } from './browser.js';
import { Sandbox } from './server.js';

/** A database URL to run the live tests on; SQLite unless told otherwise. */
export const database = process.env.RESTANTE_E2E_DATABASE;

/** A server with an app before it, which both go when the test ends. @param {import('node:test').TestContext} t @param {string} [database] */
export async function app(t, database) {
  const sandbox = await Sandbox.create(database);
  t.after(() => sandbox.close());
  const server = await sandbox.serve({ options: ['--user-header', 'x-user', '--log', 'warn'] });
  const host = await Host.start(server, { token: (user) => sandbox.token(user) });
  t.after(() => host.close());
  return { sandbox, server, host };
}

/**
 * A page of the app, with somebody signed in by the app's cookie, and its bell.
 * @param {import('playwright-core').BrowserContext} context
 * @param {Host} host
 * @param {{ user?: string, page?: string, query?: string }} [how]
 */
export async function openBell(context, host, { user = 'alice', page: name = 'bell.html', query = '' } = {}) {
  await context.addCookies([{ name: 'user', value: user, url: host.url }]);
  const page = await newPage(context);
  await page.goto(`${host.url}/${name}?${query}`);
  return Object.assign(page, { bell: new Bell(page) });
}

/** The bell on a page, as its user sees it. */
export class Bell {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.button = page.locator('restante-bell .button');
    this.badge = page.locator('restante-bell .badge');
    this.popover = page.getByRole('dialog');
    this.rows = page.locator('restante-bell .list .item:not(.skeleton)');
    this.note = page.locator('restante-bell .note');
    this.toasts = page.locator('restante-bell .toasts .item');
    this.status = page.locator('restante-bell [role=status]');
  }

  /** Waits until the badge says so; an empty text is no badge. @param {string} text */
  async counts(text) {
    if (text === '') await this.badge.waitFor({ state: 'hidden' });
    else await this.page.locator('restante-bell .badge:visible', { hasText: new RegExp(`^${text.replace('+', '\\+')}$`) }).waitFor();
  }

  async open() {
    await this.button.click();
    await this.popover.waitFor();
  }

  /** Waits until so many rows are shown. @param {number} count */
  async shows(count) {
    await this.page.waitForFunction((wanted) => {
      const root = document.querySelector('restante-bell')?.shadowRoot;
      return root?.querySelectorAll('.list .item:not(.skeleton)').length === wanted;
    }, count);
  }

  /** The texts of the rows. */
  texts() {
    return this.rows.locator('.text').evaluateAll((all) => all.map((node) => node.querySelector('a')?.textContent ?? node.lastChild?.textContent));
  }

  /** What focus is on, by its name or text. @returns {Promise<string>} */
  focused() {
    return this.page.evaluate(() => {
      const node = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return node?.getAttribute('aria-label') ?? node?.className + ':' + node?.textContent;
    });
  }

  /** Events of one kind that the page heard, with their details. @param {string} type @returns {Promise<any[]>} */
  heard(type) {
    return this.page.evaluate((wanted) => /** @type {any} */ (globalThis).heard
      .filter((/** @type {any} */ event) => event.type === wanted).map((/** @type {any} */ event) => event.detail), type);
  }

  /** Waits until the page heard so many. @param {string} type @param {number} count */
  async hears(type, count) {
    await this.page.waitForFunction(([wanted, number]) => /** @type {any} */ (globalThis).heard
      .filter((/** @type {any} */ event) => event.type === wanted).length >= number, /** @type {const} */ ([type, count]));
  }
}
