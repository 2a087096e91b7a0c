// The inbox by the keyboard alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, focused, isLive, isSaid, shows } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => { desk = await Desk.open(); });
after(() => desk.close());

/** @param {string} user @param {string[]} messages @param {string} [path] */
async function pageWith(user, messages, path) {
  for (const message of messages) await desk.send(user, message);
  const page = await desk.visit(await desk.signIn(user), path);
  await isLive(page);
  return page;
}

test('every key does what the dialog says', async () => {
  const page = await pageWith('ann', ['1', '2', '3', '4', '5', '6']);
  const { keyboard } = page;
  await keyboard.press('j');
  assert.equal(await focused(page), '6');
  await keyboard.press('j');
  await keyboard.press('j');
  await keyboard.press('k');
  assert.equal(await focused(page), '5');
  // Without waiting for the answer: the next key is for the next row.
  await page.route('**/inbox/*/read', () => {});
  await keyboard.press('e');
  assert.equal(await focused(page), '4');
  await keyboard.press('Shift+I');
  assert.equal(await focused(page), '3');
  assert.equal(await page.locator('[data-going]').count(), 2);
  // Nobody holds them any more.
  await page.unroute('**/inbox/*/read');
  await shows(page, ['6', '3', '2', '1']);
  assert.equal(await focused(page), '3');
  await keyboard.press('#');
  await shows(page, ['6', '2', '1']);
  await keyboard.press('Delete');
  await shows(page, ['6', '1']);
  assert.equal((await desk.list('ann', 'archive')).items.length, 4, 'two are read, two are gone');
  await keyboard.press('Shift+A');
  await page.getByText('Nothing waiting').waitFor();

  await page.goto(`${desk.server.url}/inbox?view=archive`);
  await isLive(page);
  await keyboard.press('j');
  await keyboard.press('x');
  await keyboard.press('j');
  await keyboard.press('j');
  await keyboard.press('x');
  assert.equal(await page.locator('#ticked').textContent(), '2 selected');
  await keyboard.press('Shift+U');
  await isSaid(page, '2 messages marked unread.');
  assert.equal((await desk.list('ann')).unread, 2);
  assert.equal(await focused(page), '6');
  await keyboard.press('i');
  await page.locator('.r-row:not([data-unread])', { hasText: '6' }).waitFor();
  await keyboard.press('i');
  await page.locator('.r-row[data-unread]', { hasText: '6' }).waitFor();
  await keyboard.press('x');
  await keyboard.press('Escape');
  assert.equal(await page.locator('.r-pick:checked').count(), 0);

  await keyboard.press('o');
  await page.waitForURL(/\/inbox\/\d+/);
  await page.locator('.r-about', { hasText: 'Read just now.' }).waitFor();
  await keyboard.press('j');
  assert.equal(await focused(page), '5', 'the list beside it is moved through from there');
  await keyboard.press('Enter');
  await page.locator('.r-item-text', { hasText: '5' }).waitFor();
  await keyboard.press('u');
  await page.waitForURL(`${desk.server.url}/inbox?view=archive`);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('keys rest while one types, in the search as in the dialog', async () => {
  const page = await pageWith('ben', ['jolly', 'exact']);
  const { keyboard } = page;
  await keyboard.press('/');
  assert.equal(await focused(page), 'search');
  await keyboard.type('jox#?e');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'jox#?e');
  assert.equal((await desk.list('ben')).unread, 2);
  assert.ok(await page.getByRole('dialog').isHidden());
  await page.getByRole('searchbox').fill('jol');
  await keyboard.press('Enter');
  await page.waitForURL(/q=jol/);
  await shows(page, ['jolly']);
  await keyboard.press('/');
  await keyboard.press('Escape');
  assert.equal(await focused(page), 'list', 'out of the search');
  await keyboard.press('Control+e');
  await keyboard.press('Alt+x');
  assert.equal((await desk.list('ben')).unread, 2);
  await page.context().close();
});

test('the dialog lists the keys, closes, and can do away with them', async () => {
  const page = await pageWith('cleo', ['one']);
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.keyboard.press('?');
  await dialog.waitFor();
  assert.equal(await focused(page), 'close-keys');
  await page.keyboard.press('e');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal((await desk.list('cleo')).unread, 1, 'the key was for the dialog');
  await page.getByRole('button', { name: 'Shortcuts' }).click();
  await dialog.getByRole('checkbox', { name: 'Use shortcuts of one key' }).uncheck();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('j');
  assert.notEqual(await focused(page), 'one');
  await page.reload();
  await page.keyboard.press('?');
  assert.ok(await dialog.isHidden(), 'remembered');
  await page.getByRole('button', { name: 'Shortcuts' }).click();
  await dialog.getByRole('checkbox', { name: 'Use shortcuts of one key' }).check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  assert.equal(await focused(page), 'one');
  await page.context().close();
});

test('everything is reached by Tab, in the order in which it stands', async () => {
  const page = await pageWith('dora', ['one']);
  /** @type {string[]} */
  const reached = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      return at && at !== document.body
        ? at.getAttribute('aria-label') ?? at.closest('label')?.textContent ?? at.textContent ?? '' : '';
    });
    if (name === '') break;
    reached.push(name.trim().replace(/\s+/g, ' '));
  }
  const wanted = ['Skip to the messages', 'Inbox', 'Shortcuts', 'Sign out', 'Every level1 unread', 'Error',
    'Warning', 'Success', 'Info', 'Debug', 'Unread 1', 'All', 'Search messages', 'Select all on this page',
    'Mark all read', 'Select: one', 'Unread. one', 'Dismiss: one', 'Mark read: one'];
  assert.deepEqual(reached, wanted);
  await page.goto(`${desk.server.url}/inbox`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Unread\u00a01');
  await page.context().close();
});
