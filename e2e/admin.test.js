// The admin pages as an operator uses them, in a browser with JavaScript.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostile, odd, signIn } from './support/admin.js';
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

/** @type {Awaited<ReturnType<import('playwright-core').BrowserContext['storageState']>> | undefined} */
let session;

/** A page of somebody who is signed in; signed in once, since tries are counted. */
async function signedIn() {
  const known = session ? { storageState: session } : {};
  const context = await browser.newContext({ viewport: desktop, ...known });
  const page = await newPage(context);
  page.setDefaultTimeout(10_000);
  if (session) await page.goto(`${server.url}/admin`);
  else await signIn(page, server, key);
  session ??= await context.storageState();
  return page;
}

/** How many messages were sent so far. */
const sent = async () => (await sandbox.run('sent', '--limit', '100')).messages.length;

test('a key lets in, and only a right one', async () => {
  const page = await newPage(browser, { viewport: desktop });
  await page.goto(`${server.url}/admin/keys`);
  await page.getByLabel('Admin key').fill('restante_guess');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'unknown or has been revoked' }).waitFor();
  await page.getByLabel('Admin key').fill(key);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/admin/keys', 'where it was going');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('Admin key').waitFor();
  await page.goBack();
  await page.reload();
  await page.getByLabel('Admin key').waitFor();
  assert.deepEqual(page.errors, []);
  await page.close();
});

test('what is written is shown while it is written, and sent as it is', async () => {
  const page = await signedIn();
  await page.getByRole('link', { name: 'Compose' }).click();
  const preview = page.getByRole('complementary', { name: 'As the reader sees it' });
  await page.getByLabel('User ids, one a line').fill(`alice\n${odd}\n\nalice\n`);
  await page.getByLabel('Message', { exact: true }).fill(hostile);
  await page.getByText('Warning', { exact: true }).first().click();
  await page.getByLabel('Link').fill('https://bank.example@evil.example/x');
  await page.getByLabel('Tags').fill('shop <b>');
  await preview.getByText(hostile).waitFor();
  await preview.getByText('evil.example/x').waitFor();
  await preview.getByText('2 users').waitFor();
  assert.equal(await preview.locator('b').textContent(), 'Warning');
  assert.deepEqual(await preview.locator('.r-tag').allTextContents(), ['shop', '<b>']);
  await page.getByRole('button', { name: 'Send to 2 users' }).click();
  await page.getByRole('status').filter({ hasText: 'Sent to 2 users.' }).waitFor();
  const item = (await sandbox.run('inbox', odd)).items[0];
  assert.deepEqual([item.message, item.level_tag, item.extra_tags], [hostile, 'warning', 'shop <b>']);

  // As the user sees it, and without marking it.
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByLabel('User id', { exact: true }).fill(odd);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: odd }).waitFor();
  await page.getByText(hostile).waitFor();
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await page.waitForURL(/view=archive/);
  await page.getByRole('heading', { name: odd }).waitFor();
  assert.equal((await sandbox.run('inbox', odd)).unread, 1);
  assert.equal(await page.evaluate(() => 'hacked' in globalThis), false);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('what is wrong is named, reached by one link, and mended', async () => {
  const page = await signedIn();
  await page.goto(`${server.url}/admin/compose`);
  const before = await sent();
  await page.getByLabel('User ids, one a line').fill('alice\n*');
  await page.getByLabel('Message', { exact: true }).fill('Mended');
  await page.getByLabel('Link').fill('javascript:alert(1)');
  await page.getByText('Number', { exact: true }).click();
  await page.getByLabel('Expires').selectOption('in');
  await page.getByLabel('Time span').fill('soon');
  await page.getByRole('button', { name: 'Send to 2 users' }).click();
  const wrong = page.getByRole('alert').filter({ hasText: 'Nothing was sent yet' });
  await wrong.waitFor();
  assert.equal(await wrong.getByRole('link').count(), 4);
  await wrong.getByRole('link', { name: /^Link/ }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'url');
  assert.equal(await sent(), before);
  await page.getByLabel('Link').fill('');
  await page.getByLabel('User ids, one a line').fill('mended');
  await page.getByLabel('Level as a number').fill('35');
  await page.getByLabel('Time span').fill('7d');
  await page.getByRole('button', { name: 'Send to 1 user' }).click();
  await page.getByRole('heading', { name: 'Sent message' }).waitFor();
  assert.equal((await sandbox.run('inbox', 'mended')).items[0].level, 35);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('a form that is sent twice sends once', async () => {
  const page = await signedIn();
  await page.goto(`${server.url}/admin/compose`);
  const before = await sent();
  await page.getByLabel('User ids, one a line').fill('twice');
  await page.getByLabel('Message', { exact: true }).fill('Once');
  // Two clicks of an impatient hand, before any answer.
  await page.getByRole('button', { name: 'Send to 1 user' }).dblclick();
  await page.getByRole('heading', { name: 'Sent message' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: /^Send/ }).waitFor();
  assert.equal(await sent(), before + 1);
  await page.context().close();
});

test('everyone is asked about again, and nothing is lost on the way back', async () => {
  const page = await signedIn();
  await page.goto(`${server.url}/admin/compose`);
  const before = await sent();
  await page.getByLabel('Everyone').check();
  await page.getByLabel('Also to those who join later').check();
  await page.getByLabel('Message', { exact: true }).fill('Down\nat noon');
  await page.getByRole('button', { name: 'Send to everyone…' }).click();
  await page.getByRole('heading', { name: 'Send this to everyone?' }).waitFor();
  assert.equal(await sent(), before);
  await page.getByRole('button', { name: 'Back to the message' }).click();
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Down\nat noon');
  assert.ok(await page.getByLabel('Also to those who join later').isChecked());
  await page.getByRole('button', { name: 'Send to everyone…' }).click();
  await page.getByRole('button', { name: 'Send to everyone', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Sent to everyone.' }).waitFor();
  assert.equal((await sandbox.run('inbox', 'whoever')).items[0].message, 'Down\nat noon');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('a message is retracted after a question that can be answered by keyboard', async () => {
  await sandbox.send('carol', 'To be taken back');
  const page = await signedIn();
  await page.getByRole('link', { name: 'Sent', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'To be taken back' });
  await row.getByRole('link', { name: /^Retract/ }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Retract this message?' });
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Keep it');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.match(String(await page.evaluate(() => document.activeElement?.textContent)), /^Retract/, 'back where it was');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.press(' ');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal((await sandbox.run('inbox', 'carol')).unread >= 1, true);
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Retract', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Retracted' }).waitFor();
  const kept = (await sandbox.run('inbox', 'carol')).items.map((/** @type {any} */ item) => item.message);
  assert.ok(!kept.includes('To be taken back'), kept.join());
  await page.goto(`${server.url}/admin/sent`);
  await row.getByText('Retracted', { exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('a user is exported, signed out and forgotten', async () => {
  await sandbox.send('dora', 'for dora');
  const token = await sandbox.token('dora');
  const page = await signedIn();
  await page.goto(`${server.url}/admin/users?id=dora`);
  const act = page.getByRole('region', { name: 'This user' });
  await act.getByRole('link', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  const file = await (await download).createReadStream();
  const chunks = [];
  for await (const chunk of file) chunks.push(chunk);
  assert.equal(JSON.parse(Buffer.concat(chunks).toString()).items.some((/** @type {any} */ item) => item.message === 'for dora'), true);

  await page.goto(`${server.url}/admin/users?id=dora`);
  await act.getByRole('link', { name: 'Sign out everywhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('status').filter({ hasText: 'Signed out everywhere.' }).waitFor();
  await assert.rejects(server.ask('/v1/inbox', { token }), /401/);

  await act.getByRole('link', { name: 'Forget' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget for good' }).click();
  await page.getByRole('status').filter({ hasText: 'Forgotten.' }).waitFor();
  const { items } = await sandbox.run('inbox', 'dora', '--archive');
  assert.ok(items.every((/** @type {any} */ item) => item.message !== 'for dora'));
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('a key is made, copied, used and revoked, and its sessions end with it', async () => {
  const page = await signedIn();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('alert').filter({ hasText: 'A key needs a name' }).waitFor();
  await page.getByLabel('Name').fill('release <bot>');
  await page.getByRole('checkbox', { name: /^admin/ }).check();
  await page.getByRole('button', { name: 'Make key' }).click();
  const once = page.getByRole('region', { name: /is made$/ });
  await once.getByRole('button', { name: 'Copy key' }).click();
  await once.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
  const made = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(made, /^restante_/);
  const other = await newPage(await browser.newContext());
  await signIn(other, server, made);
  await page.goto(`${server.url}/admin/keys`);
  assert.ok(!(await page.content()).includes(made), 'it is shown once');
  await page.getByRole('row').filter({ hasText: 'release <bot>' }).getByRole('link', { name: /^Revoke/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke for good' }).click();
  await page.getByRole('status').filter({ hasText: 'is revoked' }).waitFor();
  await other.reload();
  await other.getByText('Your session is over').waitFor();
  assert.deepEqual(page.errors, []);
  await other.context().close();
  await page.context().close();
});

test('everything is signed in, written and sent by keyboard alone', async () => {
  const context = await browser.newContext({ viewport: desktop });
  const page = await newPage(context);
  await page.goto(`${server.url}/admin/compose?to=eve`);
  // The field has the focus by itself; a busy browser gives it a moment after the page is there.
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(key);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Compose' }).waitFor();
  /** Goes on by Tab until this has the focus. @param {string} id */
  const reach = async (id) => {
    for (let steps = 0; steps < 40; steps += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    }
    assert.fail(`${id} is not reached`);
  };
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the page');
  await page.keyboard.press('Enter');
  await reach('to-users');
  await reach('users');
  await reach('message');
  await page.keyboard.type('By hand');
  await reach('level-info');
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.locator('#level-success').isChecked());
  await reach('expires');
  await page.keyboard.press('End');
  await reach('send');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Sent to 1 user.' }).waitFor();
  const item = (await sandbox.run('inbox', 'eve')).items[0];
  assert.deepEqual([item.message, item.level_tag, item.expires_at], ['By hand', 'success', null]);
  await context.close();
});

test('signing out everywhere ends the other browsers too', async () => {
  const [here, there] = [await signedIn(), await signedIn()];
  await here.getByRole('link', { name: 'Keys' }).click();
  await here.getByRole('button', { name: 'Sign out everywhere' }).click();
  await here.getByLabel('Admin key').waitFor();
  await there.reload();
  await there.getByText('Your session is over').waitFor();
  await there.getByLabel('Admin key').fill(key);
  await there.keyboard.press('Enter');
  await there.getByRole('heading', { name: 'Overview' }).waitFor();
  await here.context().close();
  await there.context().close();
});
