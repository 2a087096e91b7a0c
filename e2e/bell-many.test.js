// The bell of somebody who never reads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app, openBell } from './support/bell.js';
import { openBrowser } from './support/browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** @param {import('node:test').TestContext} t */
async function newContext(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

test('an inbox of 10,000', async (t) => {
  const { sandbox, host, server } = await app(t);
  const key = await sandbox.key('send');
  for (let at = 0; at < 10000; at += 250) {
    await Promise.all(Array.from({ length: 250 }, (_, n) =>
      server.ask('/v1/messages', { method: 'POST', token: key, body: { to: ['alice'], message: `message ${at + n}` } })));
  }
  const page = await openBell(await newContext(t), host);
  const { bell } = page;
  await bell.counts('99+');
  assert.equal(await bell.button.getAttribute('aria-label'), 'Messages, more than 99 unread');
  const began = Date.now();
  await bell.open();
  await bell.shows(20);
  const took = Date.now() - began;
  t.diagnostic(`opened in ${took} ms`);
  assert.ok(took < 1000, `${took} ms`);
  await bell.rows.last().scrollIntoViewIfNeeded();
  await page.getByRole('button', { name: 'Show earlier messages' }).click();
  await bell.shows(40);
  const shown = new Set(await page.locator('restante-bell .list .item .dismiss').evaluateAll((all) => all.map((node) => node.getAttribute('aria-label'))));
  assert.equal(shown.size, 40, 'each once');
  // Focus is on the first of those that came.
  const focused = await bell.focused();
  assert.equal(focused, await bell.rows.nth(20).locator('button').first().getAttribute('aria-label'));
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await bell.counts('');
});
