// The admin pages in a browser without JavaScript: everything works by links and forms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostile, listOf, odd, signIn } from './support/admin.js';
import { assertAccessible, assertFits, newPage, openBrowser, phone } from './support/browser.js';
import { Sandbox } from './support/server.js';

/** @type {Sandbox} */ let sandbox;
/** @type {import('./support/server.js').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof newPage>>} */ let page;
/** @type {string} */ let key;

before(async () => {
  sandbox = await Sandbox.create();
  key = await sandbox.key('admin');
  server = await sandbox.serve();
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: phone, javaScriptEnabled: false });
  page = await newPage(context);
  page.setDefaultTimeout(10_000);
  await signIn(page, server, key);
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
});

/**
 * What a form left the page as. Nothing that waits runs without JavaScript, axe neither, so it looks
 * at the same page in another window, whose scripts stay away.
 * @param {string} what
 */
async function check(what) {
  await assertFits(page, what);
  const [body, window] = [await page.content(), await newPage(browser, { viewport: phone })];
  await window.route('**/*.js*', (route) => route.abort());
  await window.route('**/admin', (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await window.goto(`${server.url}/admin`);
  await assertAccessible(window, what);
  await window.close();
}

test('a message is previewed, refused, mended and sent', async () => {
  await page.getByRole('link', { name: 'Compose' }).click();
  await page.getByLabel('User ids, one a line').fill(`${odd}\nbob\nbob`);
  await page.getByLabel('Message', { exact: true }).fill(hostile);
  await page.getByText('Number', { exact: true }).click();
  // The field appears by style alone.
  await page.getByLabel('Level as a number').fill('35');
  await page.getByRole('button', { name: 'Preview' }).click();
  const preview = page.getByRole('complementary', { name: 'As the reader sees it' });
  await preview.getByText(hostile).waitFor();
  await preview.getByText('2 users').waitFor();
  await preview.getByText('Level 35').waitFor();
  await check('a preview');
  await page.getByLabel('Link').fill('javascript:alert(1)');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'One field needs a look' }).waitFor();
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), hostile);
  await check('a form that was refused');
  await page.getByLabel('Link').fill('/orders/7');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Sent to 2 users.' }).waitFor();
  const item = (await sandbox.run('inbox', odd)).items[0];
  assert.deepEqual([item.message, item.level, item.url], [hostile, 35, '/orders/7']);
});

test('a list of 20,000 is a plain form and a page that says how far it is', async () => {
  await page.goto(`${server.url}/admin/compose`);
  await page.getByLabel('A long list').check();
  await page.getByLabel('Message', { exact: true }).fill('To very many');
  await page.getByLabel('File with one id a line').setInputFiles(listOf(20_000, '\u0007\n'));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Line 20001 holds a control character' }).waitFor();
  await page.getByText('Choose the file again').waitFor();
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'To very many');
  await page.getByLabel('File with one id a line').setInputFiles(listOf(20_000));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Taken for 20,000 users.' }).waitFor();
  // A link looks again, until nothing waits.
  const again = page.getByRole('link', { name: 'Look again' });
  for (let looks = 0; (await again.count()) > 0; looks += 1) {
    assert.ok(looks < 200, 'it is never delivered');
    await check('a list being delivered');
    await again.click();
  }
  assert.equal(await page.locator('#delivered').textContent(), '20,000');
  assert.equal((await sandbox.run('inbox', 'user-19999')).unread, 1);
});

test('everyone is asked about on a page of its own', async () => {
  await page.goto(`${server.url}/admin/compose`);
  await page.getByLabel('Everyone').check();
  await page.getByLabel('Message', { exact: true }).fill('Down at noon');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('heading', { name: 'Send this to everyone?' }).waitFor();
  await check('the question about everyone');
  await page.getByRole('button', { name: 'Back to the message' }).click();
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Down at noon');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await page.getByRole('status').filter({ hasText: 'Sent to everyone.' }).waitFor();
});

test('a message is retracted on a page that asks again', async () => {
  await page.getByRole('link', { name: 'Sent', exact: true }).click();
  await page.getByRole('row').filter({ hasText: 'Down at noon' }).getByRole('link', { name: /^Retract/ }).click();
  await page.getByRole('heading', { name: 'Retract this message?' }).waitFor();
  await check('the question about a message');
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByRole('link', { name: 'Retract' }).click();
  await page.getByRole('button', { name: 'Retract for everyone' }).click();
  await page.getByRole('status').filter({ hasText: 'Retracted' }).waitFor();
  assert.equal((await sandbox.run('inbox', 'whoever')).unread, 0);
});

test('a user is looked up, signed out and forgotten', async () => {
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByLabel('User id').fill('*');
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByRole('alert').filter({ hasText: 'stands for everyone' }).waitFor();
  await check('an id that is none');
  await page.getByLabel('User id').fill(odd);
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByRole('heading', { name: odd }).waitFor();
  await page.getByText(hostile).waitFor();
  await check('a user of an odd id');
  await page.getByRole('link', { name: 'Sign out everywhere' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('status').filter({ hasText: 'Signed out everywhere.' }).waitFor();
  await page.getByRole('link', { name: 'Forget' }).click();
  await check('the question about a user');
  await page.getByRole('link', { name: 'Leave it' }).click();
  await page.getByRole('link', { name: 'Forget' }).click();
  await page.getByRole('button', { name: 'Forget for good' }).click();
  await page.getByRole('status').filter({ hasText: 'Forgotten.' }).waitFor();
  assert.equal(await page.getByText(hostile).count(), 0);
});

test('a key is made and revoked, and this session is ended', async () => {
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByText('A key needs a name').waitFor();
  await check('a key without a name');
  await page.getByLabel('Name').fill('shop');
  await page.getByRole('button', { name: 'Make key' }).click();
  const secret = await page.locator('#secret').textContent();
  await check('a key that was made');
  assert.equal((await server.ask('/v1/messages', { token: String(secret) })).messages.length, 0);
  await page.goto(`${server.url}/admin/keys`);
  await page.getByRole('row').filter({ hasText: 'shop' }).getByRole('link', { name: /^Revoke/ }).click();
  await check('the question about a key');
  await page.getByRole('button', { name: 'Revoke for good' }).click();
  await page.getByRole('status').filter({ hasText: 'is revoked' }).waitFor();
  await assert.rejects(server.ask('/v1/messages', { token: String(secret) }), /401/);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByLabel('Admin key').waitFor();
  assert.deepEqual(page.errors, []);
});
