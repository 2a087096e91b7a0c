// How the inbox looks: accessible and without sideways scrolling in every state, light and dark, on a
// desk and on a phone.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, desktop, phone } from './support/browser.js';
import { Desk, isLive, row } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => {
  desk = await Desk.open();
  for (const [message, more] of samples) await desk.send('alice', message, more);
  await desk.server.ask('/v1/messages', {
    method: 'POST', token: desk.key,
    body: { everyone: true, message: maintenance, level: 'info', tags: ['maintenance'], url: 'https://status.example/november' },
  });
  for (const [message, more] of newest) await desk.send('alice', message, more);
  const { items } = await desk.list('alice');
  const read = [3, 5, 6, 7, 9, 10, 11].map((at) => String(items[at].id));
  await desk.sandbox.run('read', 'alice', ...read);
  build = items.find((/** @type {any} */ item) => item.message.startsWith('Build')).id;
});
after(() => desk.close());

let build = 0;
const maintenance = 'Planned maintenance on Saturday 22 November, 02:00–02:40 UTC. Pushes wait in line and nothing is lost; pages may show an older state for a minute or two. Webhooks are sent again afterwards, so a receiver may see the same delivery twice.';
/** @type {[string, Record<string, unknown>][]} */
const samples = [
  ['Payment for November did not go through: the card ending 4411 was declined. We try again on Monday; nothing is switched off before 1 December.', { level: 'error', tags: ['billing'], url: '/billing' }],
  ['carol added you to the team “stores”', { tags: ['people'], url: '/teams/stores' }],
  ['Webhook “deploy” answered 204 in 38 ms', { level: 'debug', tags: ['webhooks'] }],
  ['Disk of runner “eiffel-2” is 91 % full. Builds on it are paused until there is room.', { level: 'warning', tags: ['ci', 'runners'], url: '/runners/eiffel-2' }],
];
/** @type {[string, Record<string, unknown>][]} */
const newest = [
  ['Ledger 2.4 is out: smaller pages, faster marks, no more duplicates', { level: 35, url: 'https://ledger.example/2.4' }],
  ['ledger/main is green again after 3 failed builds', { level: 'success', tags: ['ci'], url: '/ledger/builds/1903' }],
  ['bob mentioned you in “Sweep without holding the clock row”', { tags: ['review'], url: '/ledger/issues/471#c9' }],
  ['Your export of 48,210 issues is ready', { level: 'success', tags: ['export'], url: '/exports/77' }],
  ['Your access token “laptop” ends in 3 days. Make a new one before Sunday, or the nightly mirror stops.', { level: 'warning', tags: ['security'] }],
  ['Build 1907 of ledger/main failed in “integration, PostgreSQL 16”.\n\n3 of 1,412 tests did not pass. The same commit passed on SQLite and on Redis, so the likely cause is the pool’s limit of 20 connections in this runner.', {
    level: 'error', tags: ['ci'], url: 'https://foundry.example/ledger/builds/1907',
    data: { branch: 'main', commit: '9f31c0e4', failed: ['store::postgres::reconnect_twice', 'store::postgres::copy_chunk', 'inbox::as_of_is_opaque'], duration: 412.6, runner: { name: 'eiffel-2', cores: 2 } },
  }],
  ['alice asked for your review of “Give positions out in commit order”', { tags: ['review'], url: '/ledger/pull/482' }],
];

/** @typedef {import('./support/inbox.js').Page} Page */

/**
 * Keeps a picture where the documents show it.
 * @param {Page} page @param {string} name
 */
async function picture(page, name) {
  if (!process.env.RESTANTE_SHOTS) return;
  const folder = join(import.meta.dirname ?? '.', '../docs/img');
  await mkdir(folder, { recursive: true });
  await page.mouse.move(0, 0);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage: true, animations: 'disabled' });
}

/** What can be seen, and how to get there. @type {[string, string, ((page: Page) => Promise<unknown>)?][]} */
const states = [
  ['all', '/inbox?view=archive'],
  ['chosen', '/inbox?view=archive', async (page) => {
    await row(page, 'Build 1907').locator('.r-pick').check();
    await row(page, 'access token').locator('.r-pick').check();
  }],
  ['a row with the focus', '/inbox', (page) => page.keyboard.press('j')],
  ['filtered', '/inbox?view=archive&level=error&tag=ci&q=build'],
  ['nothing found', '/inbox?q=nowhere'],
  ['offline', '/inbox', async (page) => {
    await page.context().setOffline(true);
    await page.locator('#notes', { hasText: 'You are offline.' }).waitFor();
  }],
  ['the keys', '/inbox?view=archive', async (page) => {
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  }],
];

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const viewport of [desktop, phone]) {
    test(`every state is accessible and fits, ${colorScheme} at ${viewport.width}`, async () => {
      const context = await desk.signIn('alice', { colorScheme, viewport });
      for (const [name, path, act] of [...states, ...itemStates()]) {
        const page = await desk.visit(context, path);
        await isLive(page);
        await act?.(page);
        await assertAccessible(page, `${name}, ${colorScheme} at ${viewport.width}`);
        await assertFits(page, `${name} at ${viewport.width}`);
        await take(page, name, colorScheme, viewport.width);
        assert.deepEqual(page.errors, [], name);
        await context.setOffline(false);
        await page.close();
      }
      await context.close();
      await desk.sandbox.run('unread', 'alice', String(build));
    });
  }
}

/** @returns {typeof states} */
function itemStates() {
  return [
    ['item', `/inbox/${build}?view=archive`, (page) => page.locator('.r-about', { hasText: /Read [^ ]/ }).waitFor()],
    ['raw data', `/inbox/${build}`, (page) => page.getByText('Raw JSON').click()],
  ];
}

/** @param {Page} page @param {string} name @param {string} scheme @param {number} width */
async function take(page, name, scheme, width) {
  const pictures = [
    ['inbox-light', 'chosen', 'light', desktop.width],
    ['inbox-dark', 'all', 'dark', desktop.width],
    ['inbox-phone', 'chosen', 'light', phone.width],
    ['inbox-item', 'item', 'dark', desktop.width],
  ];
  for (const [file, ...of] of pictures) {
    if (of.join() === [name, scheme, width].join()) await picture(page, String(file));
  }
}

test('pages without scripts, of problems, of the way in', async () => {
  const plain = await desk.signIn('alice', { javaScriptEnabled: false, viewport: desktop });
  const page = await desk.visit(plain, '/inbox?view=archive');
  await assertFits(page, 'without scripts');
  await picture(page, 'inbox-nojs');
  await plain.close();
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const context = await desk.browser.newContext({ colorScheme, viewport: phone });
    for (const path of ['/inbox', '/login?ticket=x', '/nowhere']) {
      const problem = await desk.visit(context, path);
      await assertAccessible(problem, path);
      await assertFits(problem, path);
      await problem.close();
    }
    await context.close();
  }
});
