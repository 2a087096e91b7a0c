// Every admin page in every state, light and dark, wide and narrow: what axe finds, and whether it
// fits. The texts, ids and names are the longest and the worst that there may be.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostile, listOf, odd, signIn } from './support/admin.js';
import { assertAccessible, assertFits, desktop, newPage, openBrowser, phone } from './support/browser.js';
import { Sandbox } from './support/server.js';

/** @type {Sandbox} */ let sandbox;
/** @type {import('./support/server.js').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} */ let key;
/** @type {string} */ let message;

before(async () => {
  sandbox = await Sandbox.create();
  const first = await sandbox.key('admin');
  server = await sandbox.serve();
  const named = { name: 'ops laptop', scopes: ['admin'] };
  ({ key } = await server.ask('/v1/keys', { token: first, method: 'POST', body: named }));
  const admin = key;
  /** @param {any} body */
  const send = (body) => server.ask('/v1/messages', { token: admin, method: 'POST', body });
  for (const name of ['billing service', 'nightly mirror', 'old importer']) {
    const { id } = await server.ask('/v1/keys', { token: admin, method: 'POST', body: { name, scopes: ['send'] } });
    if (name === 'old importer') await server.ask(`/v1/keys/${id}`, { token: admin, method: 'DELETE' });
  }
  await send({ to: [odd], message: hostile, level: 35, tags: ['<i>'], data: { a: '<b>' } });
  await send({ to: ['alice'], message: 'Your export of 48,210 rows is ready', level: 'success', tags: ['export'], url: '/exports/77' });
  const closed = await send({ everyone: true, message: 'Office closed on Friday', tags: ['people'] });
  await server.ask(`/v1/messages/${closed.id}`, { token: admin, method: 'DELETE' });
  await send({ to: ['alice'], message: 'Payment for November did not go through: the card ending 4411 was declined.', level: 'error', tags: ['billing'] });
  const planned = 'Planned maintenance on Saturday, 02:00–02:40 UTC.';
  await send({ everyone: true, message: planned, tags: ['maintenance'], url: 'https://status.example/maintenance' });
  await send({ to: ['alice', 'x'.repeat(191)], message: `${'long'.repeat(200)}\nשלום`, level: 'debug', tags: ['t'.repeat(64)] });
  const text = 'Your access token ends on Sunday. Make a new one, or the nightly mirror of your repositories stops.';
  ({ id: message } = await send({ to: ['alice', 'bob', 'carol'], message: text, level: 'warning', tags: ['security'], url: '/settings/tokens' }));
  const read = (await sandbox.run('inbox', 'bob')).items[0].id;
  await sandbox.run('read', 'bob', String(read));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
});

/**
 * Every page and state: what it is called, and how to get there.
 * @type {[string, (page: import('playwright-core').Page) => Promise<unknown>][]}
 */
const states = [
  ['the overview', (page) => page.goto(`${server.url}/admin`)],
  ['its table', (page) => page.getByText('Show as a table').click()],
  ['an empty form', (page) => page.goto(`${server.url}/admin/compose`)],
  ['a form with a preview', async (page) => {
    await page.getByLabel('User ids, one a line').fill(`alice\n${odd}`);
    await page.getByLabel('Message', { exact: true }).fill(`${hostile} ${'w'.repeat(400)}`);
    await page.locator('label:has(#level-warning)').click();
    await page.getByLabel('Link').fill(`https://status.example/${'x'.repeat(300)}`);
    await page.getByLabel('Tags').fill(`shop ${'t'.repeat(64)}`);
    await page.getByLabel('Expires').selectOption('at');
    await page.getByLabel('Date and time').fill('2999-01-31T12:00');
    await page.getByText('Data (JSON)').click();
  }],
  ['a form that was refused', async (page) => {
    await page.getByLabel('Link').fill('javascript:alert(1)');
    await page.locator('label:has(#level-custom)').click();
    await page.getByLabel('For programs that read').fill('{');
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByRole('alert').first().waitFor();
  }],
  ['a list that was chosen', async (page) => {
    await page.goto(`${server.url}/admin/compose`);
    await page.getByLabel('A long list').check();
    await page.getByLabel('File with one id a line').setInputFiles(listOf(2_000));
    await page.getByText('2,000 users. Nothing').waitFor();
  }],
  ['a form to everyone', async (page) => {
    await page.getByLabel('Everyone').check();
    await page.getByLabel('Message', { exact: true }).fill('Down at noon');
  }],
  ['the question about everyone', async (page) => {
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByRole('heading', { name: 'Send this to everyone?' }).waitFor();
  }],
  ['what was sent', (page) => page.goto(`${server.url}/admin/sent`)],
  ['the question in a dialog', async (page) => {
    await page.getByRole('link', { name: /^Retract/ }).first().click();
    await page.getByRole('dialog').waitFor();
  }],
  ['a sender without messages', (page) => page.goto(`${server.url}/admin/sent?sender=${encodeURIComponent(odd)}`)],
  ['a message', (page) => page.goto(`${server.url}/admin/sent/${message}`)],
  ['the question on its page', (page) => page.goto(`${server.url}/admin/sent/${message}/retract`)],
  ['the way to a user', (page) => page.goto(`${server.url}/admin/users`)],
  ['an id that is none', (page) => page.goto(`${server.url}/admin/users?id=*`)],
  ['a user', (page) => page.goto(`${server.url}/admin/users?id=alice`)],
  ['a user of an odd id', (page) => page.goto(`${server.url}/admin/users?id=${encodeURIComponent(odd)}&view=archive`)],
  ['a user of a long id', (page) => page.goto(`${server.url}/admin/users?id=${'x'.repeat(191)}`)],
  ['the question about a user', (page) => page.goto(`${server.url}/admin/users/ask?do=forget&id=${encodeURIComponent(odd)}`)],
  ['a key that was made', async (page) => {
    await page.goto(`${server.url}/admin/keys`);
    await page.getByLabel('Name').fill('release bot');
    await page.getByRole('button', { name: 'Make key' }).click();
    await page.getByRole('button', { name: 'Copy key' }).waitFor();
  }],
  ['a key without a name', async (page) => {
    await page.getByRole('checkbox', { name: /^send/ }).uncheck();
    await page.getByRole('button', { name: 'Make key' }).click();
    await page.getByText('At least one is needed').waitFor();
  }],
  ['a page that is not there', (page) => page.goto(`${server.url}/admin/nowhere`)],
  ['who is out', async (page) => {
    await page.context().clearCookies();
    await page.goto(`${server.url}/admin`);
  }],
  ['a key that does not let in', async (page) => {
    await page.getByLabel('Admin key').fill('restante_guess');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
  }],
];

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const viewport of [desktop, phone]) {
    test(`axe finds nothing and nothing is too wide: ${colorScheme}, ${viewport.width} px`, async () => {
      const context = await browser.newContext({ colorScheme, viewport });
      const page = await newPage(context);
      page.setDefaultTimeout(10_000);
      await signIn(page, server, key);
      for (const [what, reach] of states) {
        await reach(page);
        // What comes in is on its way for a moment, and pale.
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)));
        await assertAccessible(page, what);
        // How wide it is does not depend on the theme.
        const widths = viewport === desktop && colorScheme === 'light' ? [320, 480, 639, 768, 859, 1024, 1440] : [viewport.width];
        for (const width of widths) {
          await page.setViewportSize({ ...viewport, width });
          await assertFits(page, `${what} at ${width} px`);
        }
        assert.deepEqual(page.errors, [], what);
      }
      assert.equal(await page.evaluate(() => 'hacked' in globalThis), false);
      await context.close();
    });
  }
}
