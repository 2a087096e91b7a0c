// What the forms of the inbox do happens in place where scripts run, and the focus stays in the list.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, focused, isLive, isSaid, row, shows, texts } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => { desk = await Desk.open(); });
after(() => desk.close());

/**
 * A page with messages on it that would notice if it were left.
 * @param {string} user @param {string[]} messages oldest first @param {string} [path]
 */
async function pageWith(user, messages, path) {
  for (const message of messages) await desk.send(user, message);
  const page = await desk.visit(await desk.signIn(user), path);
  await isLive(page);
  await page.evaluate(() => { /** @type {any} */ (window).isSame = true; });
  return Object.assign(page, {
    async end() {
      assert.equal(await page.evaluate(() => /** @type {any} */ (window).isSame), true, 'it was left');
      assert.deepEqual(page.errors, []);
      await page.context().close();
    },
  });
}

test('a row that is marked or dismissed leaves, and the focus goes to the next, else to the list', async () => {
  const page = await pageWith('ann', ['one', 'two', 'three']);
  await row(page, 'two').getByRole('button', { name: 'Mark read' }).press('Enter');
  await shows(page, ['three', 'one']);
  assert.equal(await focused(page), 'one');
  assert.equal(await page.title(), 'Inbox (2) — Restante');
  await isSaid(page, 'Marked read.');
  await row(page, 'one').getByRole('button', { name: 'Dismiss' }).press('Enter');
  await shows(page, ['three']);
  assert.equal(await focused(page), 'list');
  await isSaid(page, 'Dismissed.');
  await row(page, 'three').getByRole('button', { name: 'Mark read' }).press('Enter');
  await page.getByText('Nothing waiting').waitFor();
  assert.equal(await focused(page), 'list');
  assert.equal(await page.title(), 'Inbox — Restante');
  assert.equal((await desk.list('ann', 'archive')).items.length, 2);
  await page.end();
});

test('a row that stays keeps the focus and its buttons', async () => {
  const page = await pageWith('ben', ['one', 'two'], '/inbox?view=archive');
  const two = row(page, 'two');
  await two.getByRole('button', { name: 'Mark read' }).press('Enter');
  await two.getByRole('button', { name: 'Mark unread' }).waitFor();
  assert.equal(await focused(page), 'two');
  assert.equal(await page.locator('.r-nav .num').textContent(), '1');
  await two.getByRole('button', { name: 'Mark unread' }).press('Enter');
  await two.getByRole('button', { name: 'Mark read' }).waitFor();
  assert.equal(await two.getAttribute('data-unread'), '');
  await page.end();
});

test('several are chosen, counted and acted on', async () => {
  const page = await pageWith('cleo', ['one', 'two', 'three', 'four'], '/inbox?view=archive');
  const all = page.getByRole('checkbox', { name: 'Select all on this page' });
  await row(page, 'one').locator('.r-pick').check();
  await row(page, 'three').locator('.r-pick').check();
  assert.equal(await page.locator('#ticked').textContent(), '2 selected');
  assert.ok(await all.evaluate((box) => /** @type {HTMLInputElement} */ (box).indeterminate));
  // What others do meanwhile unticks nothing.
  await desk.send('cleo', 'five');
  await shows(page, ['five', 'four', 'three', 'two', 'one']);
  assert.equal(await page.locator('.r-pick:checked').count(), 2);
  const bulk = page.getByRole('group', { name: 'Actions on messages' });
  await bulk.getByRole('button', { name: 'Mark read' }).press('Enter');
  await isSaid(page, '2 messages marked read.');
  assert.equal(await page.locator('[data-unread].r-row').count(), 3);
  assert.equal(await page.locator('.r-pick:checked').count(), 0);
  assert.equal(await focused(page), 'three');
  await all.check();
  assert.equal(await page.locator('#ticked').textContent(), '5 selected');
  await bulk.getByRole('button', { name: 'Dismiss' }).press('Enter');
  await page.getByText('Nothing yet').waitFor();
  await isSaid(page, '5 messages dismissed.');
  assert.equal(await focused(page), 'list');
  await page.end();
});

test('all are marked read at once', async () => {
  const page = await pageWith('dora', ['one', 'two']);
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await page.getByText('Nothing waiting').waitFor();
  await isSaid(page, 'Everything that was there when this page was made is marked read.');
  await desk.send('dora', 'three');
  await shows(page, ['three']);
  await page.end();
});

test('a message opens beside the list and is read once it is seen', async () => {
  await desk.send('emil', 'older');
  await desk.send('emil', 'newer');
  const page = await desk.visit(await desk.signIn('emil'), '/inbox?view=archive');
  // As a link, so that it can be opened elsewhere; fetching it ahead reads nothing.
  const link = row(page, 'newer').getByRole('link');
  const address = desk.server.url + await link.getAttribute('href');
  assert.equal((await page.context().request.get(address)).status(), 200);
  assert.equal((await desk.list('emil')).unread, 2);
  await link.click();
  await page.locator('.r-about', { hasText: 'Read just now.' }).waitFor();
  assert.equal((await desk.list('emil')).unread, 1);
  assert.equal(await page.title(), 'Info — Inbox (1) — Restante');
  assert.equal(await row(page, 'newer').getAttribute('data-unread'), null);
  assert.equal(await page.locator('.r-row [aria-current]').textContent(), 'newer');

  // The list beside it works in place.
  await row(page, 'older').getByRole('button', { name: 'Mark read' }).click();
  await page.locator('.r-row:not([data-unread])', { hasText: 'older' }).waitFor();
  assert.equal(page.url(), address);
  // The message's own buttons lead back to the list.
  await page.getByRole('article').getByRole('button', { name: 'Mark unread' }).click();
  await page.waitForURL(`${desk.server.url}/inbox?view=archive`);
  assert.equal(await page.locator('.r-said .text').textContent(), 'Marked unread.');
  await row(page, 'older').getByRole('link').click();
  await row(page, 'older').getByRole('button', { name: 'Dismiss' }).click();
  await page.waitForURL(`${desk.server.url}/inbox?view=archive`);
  assert.deepEqual(await texts(page), ['newer']);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('a page behind another has not been seen', async () => {
  await desk.send('fritz', 'waits');
  const context = await desk.signIn('fritz');
  const { items } = await desk.list('fritz');
  const page = await context.newPage();
  await page.addInitScript(() => {
    let isHidden = true;
    Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
    addEventListener('come-forward', () => {
      isHidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
    });
  });
  await page.goto(`${desk.server.url}/inbox/${items[0].id}`);
  await isLive(/** @type {any} */ (page));
  assert.equal((await desk.list('fritz')).unread, 1);
  await page.evaluate(() => dispatchEvent(new Event('come-forward')));
  await page.locator('.r-about', { hasText: 'Read just now.' }).waitFor();
  assert.equal((await desk.list('fritz')).unread, 0);
  await context.close();
});

test('what cannot be done is told, and what is gone leaves', async () => {
  const page = await pageWith('gerd', ['one', 'two']);
  await page.route('**/inbox/*/read', (route) => route.abort());
  await row(page, 'one').getByRole('button', { name: 'Mark read' }).click();
  await page.locator('#notes', { hasText: 'That did not work: the server cannot be reached.' }).waitFor();
  assert.equal(await row(page, 'one').getAttribute('data-going'), null);
  await page.unroute('**/inbox/*/read');
  await row(page, 'one').getByRole('button', { name: 'Mark read' }).click();
  await shows(page, ['two']);
  assert.equal(await page.locator('#notes').textContent(), '');
  await page.end();

  // Dismissed elsewhere, and nothing tells this page.
  const context = await desk.signIn('gerd');
  await context.route(/\/v1\/inbox/, (route) => route.abort());
  const alone = await desk.visit(context);
  const { items } = await desk.list('gerd');
  await desk.sandbox.run('dismiss', 'gerd', String(items[0].id));
  await row(alone, 'two').getByRole('button', { name: 'Mark read' }).click();
  await isSaid(alone, 'It is gone already.');
  await alone.getByText('Nothing waiting').waitFor();
  await context.close();
});
