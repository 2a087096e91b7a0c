// The example app, as two people use it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { assertAccessible, assertFits, desktop, newPage, openBrowser, phone } from './support/browser.js';
import { Server, programs } from './support/server.js';

/** @param {import('playwright-core').Browser} browser @param {Server} app @param {string} name */
async function signedIn(browser, app, name) {
  const page = await newPage(browser, { viewport: desktop });
  await page.goto(app.url);
  await page.getByRole('button', { name }).click();
  await page.getByRole('heading', { name: 'Repositories' }).waitFor();
  return page;
}

test('what one person does rings the bell of the other', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-e2e-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const app = await Server.start(['127.0.0.1:0', join(folder, 'bell.db')], folder, programs('github-bell'));
  t.after(() => app.kill());
  const browser = await openBrowser();
  t.after(() => browser.close());
  const mona = await signedIn(browser, app, 'mona');
  const hubert = await signedIn(browser, app, 'hubert');
  assert.equal(await mona.getByText('Hello, mona').count(), 1, 'said once');
  await mona.getByRole('button', { name: 'Messages, none unread' }).waitFor();

  await hubert.getByRole('link', { name: 'ledger' }).click();
  await hubert.getByLabel('New issue').fill('Totals <b>off</b> by one');
  await hubert.getByRole('button', { name: 'Open', exact: true }).click();
  await mona.getByRole('button', { name: 'Messages, 1 unread' }).click();
  const link = mona.getByRole('dialog').getByRole('link', { name: /hubert opened “Totals <b>off<\/b> by one” in ledger/ });
  await assertAccessible(mona, 'the open bell of the example');
  await link.click();
  await mona.waitForURL(/\/ledger#issue-0$/);
  await mona.getByRole('button', { name: 'Messages, none unread' }).waitFor();

  await mona.getByLabel('Comment').fill('Which ones?');
  await mona.getByRole('button', { name: 'Comment' }).click();
  await hubert.getByRole('button', { name: 'Messages, 1 unread' }).waitFor();
  await hubert.setViewportSize(phone);
  await assertFits(hubert, 'the example on a phone');
  await assertAccessible(hubert, 'a repository');
  assert.deepEqual([...mona.errors, ...hubert.errors], []);
});
