// Long lists by the admin pages: chosen, sent with a bar, and followed until all have it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listOf, signIn } from './support/admin.js';
import { desktop, newPage, openBrowser } from './support/browser.js';
import { Sandbox } from './support/server.js';

/** @type {Sandbox} */ let sandbox;
/** @type {import('./support/server.js').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} */ let key;

before(async () => {
  sandbox = await Sandbox.create();
  key = await sandbox.key('admin');
  server = await sandbox.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
});

async function signedIn() {
  const page = await newPage(await browser.newContext({ viewport: desktop }));
  page.setDefaultTimeout(10_000);
  await signIn(page, server, key);
  return page;
}

test('a list of 20,000 goes up with a bar, and is followed until all have it', async () => {
  const page = await signedIn();
  await page.goto(`${server.url}/admin/compose`);
  await page.getByLabel('A long list').check();
  await page.getByLabel('Message', { exact: true }).fill('To very many');
  // One bad line: nobody gets it, and what was written and chosen stays.
  await page.getByLabel('File with one id a line').setInputFiles(listOf(20_000, '*\n'));
  await page.getByText('20,001 users. Nothing is sent').waitFor();
  await page.getByRole('button', { name: 'Send to 20,001 users' }).click();
  await page.getByRole('alert').filter({ hasText: 'Line 20001' }).waitFor();
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'To very many');
  const files = page.getByLabel('File with one id a line');
  assert.equal(await files.evaluate((input) => /** @type {HTMLInputElement} */ (input).files?.length), 1);

  await files.setInputFiles(listOf(20_000, 'user-00007\n'));
  await page.getByText('20,000 users, 1 named twice left out').waitFor();
  // Slow enough to be watched.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 150_000,
  });
  await page.getByRole('button', { name: 'Send to 20,000 users' }).click();
  const bar = page.getByRole('progressbar');
  await page.getByText('Sending the list').waitFor();
  const part = await bar.evaluate((element) => /** @type {HTMLProgressElement} */ (element).value);
  assert.ok(part < 100, `${part}`);
  await page.getByRole('heading', { name: 'Sent message' }).waitFor();
  // With the page as it was loaded, or as its script brought it up to date.
  await page.waitForFunction(() => document.querySelector('#delivered')?.textContent === '20,000');
  assert.equal((await sandbox.run('inbox', 'user-19999')).items[0].message, 'To very many');
  assert.equal((await sandbox.run('inbox', 'user-00007')).unread, 1);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('delivery is followed without looking again', async () => {
  const page = await signedIn();
  // So many that nobody is done before the page is there.
  const to = Array.from({ length: 150_000 }, (_, at) => `reader-${at}`);
  const message = { to, message: 'To a great many' };
  const { id, waiting } = await server.ask('/v1/messages', { token: key.trim(), method: 'POST', body: message });
  assert.ok(waiting > 0);
  await page.goto(`${server.url}/admin/sent/${id}`);
  await page.getByRole('heading', { name: 'Being delivered' }).waitFor();
  const bar = page.getByRole('progressbar', { name: / of 150,000 have it/ });
  const value = () => bar.evaluate((element) => /** @type {HTMLProgressElement} */ (element).value);
  const first = await value();
  assert.ok(first < 100, `${first}`);
  await page.getByRole('link', { name: 'Look again' }).waitFor();
  await page.getByRole('heading', { name: 'Delivered', exact: true }).waitFor({ timeout: 40_000 });
  await page.getByText('150,000 of 150,000 have it').waitFor();
  assert.equal(await value(), 100);
  assert.equal(await page.getByRole('link', { name: 'Look again' }).count(), 0);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
