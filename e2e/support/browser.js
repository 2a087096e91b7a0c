// Debian's Chromium, and what every page is held to.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A browser without a window. Its caches and profile go with it. */
export function openBrowser() {
  return chromium.launch({
    executablePath,
    // Root has no sandbox; the rest keeps it from calling home.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Width and height of what the screenshots are taken at. */
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 360, height: 740 };

/**
 * A page that remembers what went wrong in it.
 * @param {import('playwright-core').Browser | import('playwright-core').BrowserContext} owner
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newPage(owner, options) {
  const page = 'newContext' in owner ? await owner.newPage(options) : await owner.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (said) => {
    // A refusal by the policy is told as an error, as is a script's; a lost connection is not ours.
    if (said.type() === 'error' && !/Failed to load resource|net::ERR_/.test(said.text())) {
      errors.push(said.text());
    }
  });
  return Object.assign(page, { errors });
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds: WCAG 2.0 to 2.2, A and AA, and best practice. It must be nothing.
 * @param {import('playwright-core').Page} page
 * @param {string} what which page in which state
 */
export async function assertAccessible(page, what) {
  // Evaluated from outside, so the page's own policy need not let it in.
  await page.evaluate(await axe);
  const violations = await page.evaluate(async () => {
    const found = await /** @type {any} */ (globalThis).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map((/** @type {any} */ violation) =>
      `${violation.id}: ${violation.help}\n  ${violation.nodes.map((/** @type {any} */ n) => n.html).join('\n  ')}`);
  });
  assert.deepEqual(violations, [], what);
}

/**
 * No sideways scrolling.
 * @param {import('playwright-core').Page} page
 * @param {string} what
 */
export async function assertFits(page, what) {
  const [wide, seen] = await page.evaluate(() => {
    const root = document.documentElement;
    return [root.scrollWidth, root.clientWidth];
  });
  assert.ok(wide <= seen, `${what} is ${wide} px wide where ${seen} are seen`);
}
