// The inbox stays up to date by itself: from other tabs, from the command line, after a break.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from './support/server.js';
import { Desk, focused, isLive, isSaid, row, shows, texts } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => { desk = await Desk.open(); });
after(() => desk.close());

/** @param {import('./support/inbox.js').Page} page @param {string} words */
const hasState = (page, words) => page.locator('#live', { hasText: words }).waitFor();

test('a message of the command line appears without a reload, is counted and announced', async () => {
  const page = await desk.visit(await desk.signIn('ann'));
  await isLive(page);
  await page.getByText('Nothing waiting').waitFor();
  await desk.sandbox.send('ann', 'from afar', '--level', 'warning', '--tag', 'ci');
  await shows(page, ['from afar']);
  assert.equal(await page.title(), 'Inbox (1) — Restante');
  await isSaid(page, '1 new message.');
  await page.keyboard.press('j');
  await desk.sandbox.send('ann', 'later');
  await shows(page, ['later', 'from afar']);
  assert.equal(await focused(page), 'from afar', 'the focus stays where it was');
  await page.waitForFunction(() => document.title.startsWith('Inbox (2)'));
  // Taken back, expired or dismissed: it goes by itself too.
  const { items } = await desk.list('ann');
  await desk.sandbox.run('dismiss', 'ann', String(items[1].id));
  await shows(page, ['later']);
  assert.equal(await focused(page), 'list');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('two tabs are in step, over one stream', async () => {
  for (const text of ['one', 'two', 'three']) await desk.send('ben', text);
  const context = await desk.signIn('ben');
  let streams = 0;
  context.on('request', (request) => { if (request.url().includes('/inbox/stream')) streams += 1; });
  const first = await desk.visit(context);
  await isLive(first);
  const second = await desk.visit(context, '/inbox?view=archive');
  await isLive(second);
  assert.equal(streams, 1);
  await row(first, 'two').getByRole('button', { name: 'Mark read' }).click();
  await row(second, 'two').and(second.locator(':not([data-unread])')).waitFor();
  assert.equal(await second.title(), 'Inbox (2) — Restante');
  await row(second, 'three').getByRole('button', { name: 'Dismiss' }).click();
  await shows(first, ['one']);
  await row(second, 'two').getByRole('button', { name: 'Mark unread' }).click();
  await shows(first, ['two', 'one']);
  // Another browser has no part in it but by the server.
  const elsewhere = await desk.visit(await desk.signIn('ben'));
  await elsewhere.getByRole('button', { name: 'Mark all read' }).click();
  await shows(first, []);
  await second.waitForFunction(() => document.title === 'Inbox — Restante');

  // A change that no count tells of.
  await elsewhere.goto(`${desk.server.url}/inbox?view=archive`);
  await row(elsewhere, 'two').getByRole('button', { name: 'Dismiss' }).click();
  await shows(second, ['one']);

  // The tab that listened goes; another takes over and misses nothing.
  await first.close();
  await desk.sandbox.send('ben', 'four');
  await shows(second, ['four', 'one']);
  assert.equal(streams, 2);
  assert.deepEqual(second.errors, []);
  await context.close();
  await elsewhere.context().close();
});

test('an older page stays as it is and says what is new', async () => {
  for (let number = 1; number <= 22; number += 1) await desk.send('cleo', `number ${number}`);
  const page = await desk.visit(await desk.signIn('cleo'));
  await page.getByRole('link', { name: 'Older' }).click();
  await isLive(page);
  await shows(page, ['number 2', 'number 1']);
  await desk.send('cleo', 'new');
  await page.locator('#notes', { hasText: '1 new message.' }).waitFor();
  await desk.send('cleo', 'newer');
  await page.locator('#notes', { hasText: '2 new messages.' }).waitFor();
  assert.deepEqual(await texts(page), ['number 2', 'number 1']);
  await page.waitForFunction(() => document.title === 'Inbox (24) — Restante');
  await page.getByRole('link', { name: 'Show the newest' }).click();
  assert.deepEqual((await texts(page)).slice(0, 2), ['newer', 'new']);
  await page.context().close();
});

test('a message that is open goes with its retraction', async () => {
  const sent = await desk.send('dora', 'a mistake');
  const { items } = await desk.list('dora');
  const page = await desk.visit(await desk.signIn('dora'), `/inbox/${items[0].id}`);
  await page.locator('.r-about', { hasText: 'Read just now.' }).waitFor();
  await isLive(page);
  await desk.server.ask(`/v1/messages/${sent.id}`, { method: 'DELETE', token: desk.key });
  await page.waitForURL(`${desk.server.url}/inbox`);
  await page.getByText('Nothing waiting').waitFor();
  await page.context().close();
});

test('who is offline is told so, and is up to date afterwards', async () => {
  const context = await desk.signIn('emil');
  const page = await desk.visit(context);
  await isLive(page);
  await context.setOffline(true);
  await hasState(page, 'Offline');
  await page.locator('#notes', { hasText: 'You are offline.' }).waitFor();
  await isSaid(page, 'You are offline.');
  await desk.send('emil', 'meanwhile');
  await context.setOffline(false);
  await shows(page, ['meanwhile']);
  await hasState(page, 'Live');
  assert.equal(await page.locator('#notes').textContent(), '');
  await isSaid(page, 'Connected again.');
  await context.close();
});

test('a server that goes and comes back is found again', async () => {
  const port = await freePort();
  const server = await desk.sandbox.serve({ port, options: ['--user-header', 'X-User'] });
  const context = await desk.browser.newContext({ extraHTTPHeaders: { 'x-user': 'fritz' } });
  const page = await context.newPage();
  await page.goto(`${server.url}/inbox`);
  await isLive(/** @type {any} */ (page));
  await server.kill();
  await hasState(/** @type {any} */ (page), 'Offline');
  await desk.sandbox.send('fritz', 'meanwhile');
  await desk.sandbox.serve({ port, options: ['--user-header', 'X-User'] });
  await shows(/** @type {any} */ (page), ['meanwhile']);
  await hasState(/** @type {any} */ (page), 'Live');
  await context.close();
});

test('without a stream the page asks now and then', async () => {
  const context = await desk.signIn('gerd');
  await context.route('**/inbox/stream*', (route) => route.fulfill({ status: 429, body: '' }));
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(`${desk.server.url}/inbox`);
  await hasState(/** @type {any} */ (page), 'Every 15 s');
  await desk.send('gerd', 'found');
  await page.clock.runFor(20_000);
  await shows(/** @type {any} */ (page), ['found']);
  // Nothing new, nothing asked for but the count.
  let pages = 0;
  page.on('request', (request) => { if (request.headers()['restante-refresh']) pages += 1; });
  await page.clock.runFor(20_000);
  await page.waitForResponse('**/v1/inbox/count', { timeout: 100 }).catch(() => {});
  assert.equal(pages, 0);
  // The stream is there again: it is found in some minutes.
  await context.unroute('**/inbox/stream*');
  await page.clock.runFor(360_000);
  await hasState(/** @type {any} */ (page), 'Live');
  await context.close();
});

test('a session that ends is told, and nothing of another user is ever shown', async () => {
  await desk.send('hans', 'his');
  await desk.send('ida', 'hers');
  const context = await desk.signIn('hans');
  const page = await desk.visit(context);
  await isLive(page);
  // Somebody else signs in with the same browser, in another tab.
  const other = await context.newPage();
  await other.goto(await desk.server.signInLink('ida', desk.key));
  await row(page, 'his').getByRole('button', { name: 'Mark read' }).click();
  await page.locator('#notes', { hasText: 'You are signed out.' }).waitFor();
  assert.deepEqual(await texts(page), ['his']);
  assert.equal((await desk.list('hans')).unread, 1);
  // With the same user it goes on, although the forms' tokens are of the session that was.
  await other.goto(await desk.server.signInLink('hans', desk.key));
  await row(page, 'his').getByRole('button', { name: 'Mark read' }).click();
  await page.getByText('Nothing waiting').waitFor();
  assert.equal(await page.locator('#notes').textContent(), '');
  await context.close();

  const mine = await desk.signIn('ida');
  const hers = await desk.visit(mine);
  await isLive(hers);
  await desk.server.ask('/v1/users/ida/tokens', { method: 'DELETE', token: desk.key });
  await hasState(hers, 'Signed out');
  await hers.locator('#notes', { hasText: 'You are signed out.' }).waitFor();
  // A link opened in another tab is enough.
  const again = await mine.newPage();
  await again.goto(await desk.server.signInLink('ida', desk.key));
  await hasState(hers, 'Live');
  assert.equal(await hers.locator('#notes').textContent(), '');
  await desk.server.ask('/v1/users/ida/tokens', { method: 'DELETE', token: desk.key });
  await hers.getByRole('link', { name: 'Sign in again' }).click();
  assert.equal(await hers.locator('h1').textContent(), 'You are not signed in');
  await mine.close();
});
