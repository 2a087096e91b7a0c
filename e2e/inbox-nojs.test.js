// Everything that the inbox can do, without JavaScript.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, desktop, phone } from './support/browser.js';
import { Desk, row, texts } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => { desk = await Desk.open(); });
after(() => desk.close());

const plain = { javaScriptEnabled: false };

/** @param {import('./support/inbox.js').Page} page @param {string} name */
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

test('one message is opened, marked and dismissed by forms', async () => {
  await desk.send('ann', 'older', { data: { build: 7 }, url: 'https://a.example/x' });
  await desk.send('ann', 'newer');
  const page = await desk.visit(await desk.signIn('ann', plain));
  assert.deepEqual(await texts(page), ['newer', 'older']);
  assert.equal(await page.title(), 'Inbox (2) — Restante');
  assert.ok(await page.getByText('Connecting').isHidden(), 'nothing waits for a script');

  // Opening is a form, so it marks read; the address is that of the message.
  await row(page, 'older').locator('.r-open').click();
  assert.match(page.url(), /\/inbox\/\d+$/);
  assert.equal(await page.locator('.r-item-text').textContent(), 'older');
  assert.match(await page.locator('.r-about').innerText(), /Read just now/);
  assert.equal((await desk.list('ann')).unread, 1);
  await page.getByRole('article').getByRole('button', { name: 'Mark unread' }).click();
  assert.match(page.url(), /\/inbox$/);
  assert.equal(await page.locator('.r-said .text').textContent(), 'Marked unread.');
  assert.deepEqual(await texts(page), ['newer', 'older']);

  await row(page, 'newer').getByRole('button', { name: 'Mark read' }).click();
  assert.deepEqual(await texts(page), ['older']);
  assert.equal(await page.locator('.r-said .text').textContent(), 'Marked read. It is still under All.');
  await page.getByRole('link', { name: 'All', exact: true }).click();
  assert.deepEqual(await texts(page), ['newer', 'older']);
  await row(page, 'newer').getByRole('button', { name: 'Mark unread' }).click();
  await row(page, 'older').getByRole('button', { name: 'Dismiss' }).click();
  assert.deepEqual(await texts(page), ['newer']);
  assert.ok((await row(page, 'newer').getAttribute('data-unread')) !== null);
  await page.context().close();
});

test('several are ticked and sent by one form, and everything is marked at once', async () => {
  for (const text of ['one', 'two', 'three', 'four']) await desk.send('ben', text);
  const page = await desk.visit(await desk.signIn('ben', plain), '/inbox?view=archive');
  /** @param {...string} texts */
  const tick = async (...texts) => {
    for (const text of texts) await row(page, text).locator('.r-pick').check();
  };
  const bulk = page.getByRole('group', { name: 'Actions on messages' });
  await tick('one', 'three');
  await bulk.getByRole('button', { name: 'Mark read' }).click();
  assert.equal(await page.locator('.r-said .text').textContent(), '2 messages marked read.');
  await tick('one', 'two');
  await bulk.getByRole('button', { name: 'Mark unread' }).click();
  assert.equal(await page.locator('.r-said .text').textContent(), '1 message marked unread.');
  await tick('two');
  await bulk.getByRole('button', { name: 'Dismiss' }).click();
  assert.deepEqual(await texts(page), ['four', 'three', 'one']);
  await bulk.getByRole('button', { name: 'Mark read' }).click();
  assert.equal(await page.locator('.r-said .text').textContent(), 'No message was ticked.');

  // What arrives while the page is looked at was not meant by it.
  await desk.send('ben', 'five');
  await press(page, 'Mark all read');
  const { items } = await desk.list('ben');
  assert.deepEqual(items.map((/** @type {any} */ item) => item.message), ['five']);
  await page.context().close();
});

test('search, level and tag combine, and pages lead on and back', async () => {
  for (let number = 1; number <= 45; number += 1) {
    await desk.send('cleo', `number ${number}`, {
      level: number % 2 ? 'error' : 'info', tags: [number % 3 ? 'ci' : 'ops'],
    });
  }
  const page = await desk.visit(await desk.signIn('cleo', plain));
  await page.getByRole('link', { name: 'Older' }).click();
  await page.getByRole('link', { name: 'Older' }).click();
  assert.deepEqual(await texts(page), ['number 5', 'number 4', 'number 3', 'number 2', 'number 1']);
  assert.equal(await page.getByRole('link', { name: 'Older' }).count(), 0);
  await page.getByRole('link', { name: 'Newest' }).click();
  assert.equal((await texts(page))[0], 'number 45');

  await page.getByRole('link', { name: 'Error' }).click();
  await page.getByRole('link', { name: 'ops', exact: true }).click();
  await page.getByRole('searchbox').fill('NUMBER 3');
  await press(page, 'Search');
  assert.deepEqual(await texts(page), ['number 39', 'number 33', 'number 3']);
  await page.getByRole('link', { name: 'Clear' }).click();
  assert.equal((await texts(page)).length, 8);
  await page.getByRole('searchbox').fill('nowhere');
  await press(page, 'Search');
  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('link', { name: 'Show every unread message' }).click();
  assert.equal((await texts(page)).length, 20);
  await page.context().close();
});

test('it fits and is accessible on a desk and on a phone', async () => {
  await desk.send('dora', 'to be read', { tags: ['x'.repeat(64)], url: `https://${'a'.repeat(60)}.example/${'b'.repeat(300)}` });
  await desk.send('dora', 'w'.repeat(3000));
  for (const viewport of [desktop, phone]) {
    const page = await desk.visit(await desk.signIn('dora', { ...plain, viewport }), '/inbox?view=archive');
    await row(page, 'to be read').locator('.r-open').click();
    for (const path of [page.url(), `${desk.server.url}/inbox?view=archive`, `${desk.server.url}/inbox?q=none`]) {
      await page.goto(path);
      await assertFits(page, `${path} at ${viewport.width}`);
    }
    await page.context().close();
  }
  // axe is a script itself, so it looks at the page of a browser that would run ours, had it them.
  const context = await desk.signIn('dora');
  await context.route('**/static/*.js*', (route) => route.abort());
  for (const path of ['/inbox', '/inbox?view=archive', '/inbox?q=none']) {
    await assertAccessible(await desk.visit(context, path), path);
  }
  await context.close();
});

test('who is not signed in, or comes with a used link, is told what to do', async () => {
  const link = await desk.server.signInLink('emil', desk.key);
  const context = await desk.browser.newContext(plain);
  const page = await desk.visit(context);
  assert.equal(await page.locator('h1').textContent(), 'You are not signed in');
  await page.goto(link);
  assert.equal(await page.locator('h1').textContent(), 'Inbox');
  await press(page, 'Sign out');
  assert.equal(await page.locator('h1').textContent(), 'You are not signed in');
  await page.goto(link);
  assert.equal(await page.locator('h1').textContent(), 'This link no longer works');
  await context.close();
});
