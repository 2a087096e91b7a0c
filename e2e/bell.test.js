// The bell as its user has it: by mouse, by keyboard, and with whatever senders write.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app, openBell } from './support/bell.js';
import { openBrowser } from './support/browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** @param {import('node:test').TestContext} t */
async function newContext(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

test('unread and all, one read, one dismissed, all read', async (t) => {
  const { sandbox, host } = await app(t);
  for (const text of ['first', 'second', 'third', 'fourth']) await sandbox.send('alice', text, '--tag', 'ci');
  const page = await openBell(await newContext(t), host, { query: 'inbox=/full' });
  const { bell } = page;
  await bell.counts('4');
  assert.equal(await bell.button.getAttribute('aria-label'), 'Messages, 4 unread');
  await bell.open();
  await bell.shows(4);
  assert.equal(await page.getByRole('link', { name: 'Open inbox' }).getAttribute('href'), '/full');
  await bell.rows.filter({ hasText: 'third' }).getByRole('button', { name: 'Mark as read' }).click();
  await bell.shows(3);
  await bell.counts('3');
  await bell.rows.filter({ hasText: 'second' }).hover();
  await bell.rows.filter({ hasText: 'second' }).getByRole('button', { name: 'Dismiss' }).click();
  await bell.counts('2');
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await bell.shows(3);
  assert.deepEqual(await bell.texts(), ['fourth', 'third', 'first']);
  assert.equal(await bell.rows.and(page.locator('[data-unread]')).count(), 2);
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await bell.counts('');
  await page.waitForFunction(() => !document.querySelector('restante-bell')?.shadowRoot?.querySelector('.list [data-unread]'));
  assert.equal(await bell.button.getAttribute('aria-label'), 'Messages, none unread');
  await page.getByRole('button', { name: 'Unread', exact: true }).click();
  await bell.popover.getByText('Nothing waiting').waitFor();
  assert.deepEqual((await bell.heard('dismiss')).map(({ item }) => item.message), ['second']);
  assert.deepEqual((await bell.heard('count')).map(({ unread }) => unread), [4, 3, 2, 0]);
  assert.equal((await sandbox.run('inbox', 'alice')).unread, 0);
  assert.deepEqual(page.errors, []);
});

test('all read means what was shown, also what came while it was open', async (t) => {
  const { sandbox, host } = await app(t);
  await sandbox.send('alice', 'first');
  const page = await openBell(await newContext(t), host);
  const { bell } = page;
  await bell.open();
  await bell.shows(1);
  await sandbox.send('alice', 'second');
  await bell.shows(2);
  // What is sent while the mark is on its way was shown to nobody.
  await page.route('**/inbox/read', async (route) => {
    await sandbox.send('alice', 'third');
    await route.continue();
  }, { times: 1 });
  await bell.popover.getByRole('button', { name: 'Mark all read' }).click();
  await bell.counts('1');
  await bell.shows(1);
  assert.deepEqual(await bell.texts(), ['third']);
});

test('a link is opened, in the same tab or another, and its message is read', async (t) => {
  const { sandbox, host } = await app(t);
  await sandbox.send('alice', 'here', '--url', '/bell.html?opened');
  await sandbox.send('alice', 'there', '--url', 'http://localhost:1/x');
  await sandbox.send('alice', 'kept', '--url', '/bell.html?never');
  const context = await newContext(t);
  const page = await openBell(context, host);
  const { bell } = page;
  await bell.open();
  await bell.shows(3);
  assert.equal(await bell.rows.filter({ hasText: 'there' }).locator('.meta').getByText('localhost:1').count(), 1);
  assert.equal(await page.getByRole('link', { name: 'there' }).getAttribute('rel'), 'noopener');
  await page.evaluate(() => document.addEventListener('restante:open', (event) => {
    if (/** @type {CustomEvent} */ (event).detail.item.message === 'kept') event.preventDefault();
  }));
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'there' }).click({ button: 'middle' });
  await (await opened).close();
  await bell.counts('2');
  await page.getByRole('link', { name: 'kept' }).click();
  await bell.counts('1');
  assert.match(page.url(), /bell\.html\?$/);
  assert.deepEqual((await bell.heard('open')).map(({ item, newTab }) => [item.message, newTab]), [['there', true], ['kept', false]]);
  await bell.open();
  await page.getByRole('link', { name: 'here' }).click();
  await page.waitForURL(/opened/);
  await bell.counts('');
  assert.equal((await sandbox.run('inbox', 'alice')).unread, 0);
});

test('what senders write is text, and leads nowhere it should not', async (t) => {
  const { sandbox, host, server } = await app(t);
  const key = await sandbox.key('send');
  const texts = [
    '<img src=x onerror="document.title=1">', '<script>document.title=1</script>', '</p><b>bold', '&lt;i&gt;', '\u202Etxt.exe', 'a\nb', '\u0639\u0631\u0628\u064A first',
  ];
  for (const message of texts) {
    await server.ask('/v1/messages', { method: 'POST', token: key, body: { to: ['alice'], message, level: 35, tags: ['<b>tag</b>', '\u202Egat'] } });
  }
  const page = await openBell(await newContext(t), host, { query: 'toasts' });
  const { bell } = page;
  // No store takes such an address; a server that does would still not be believed.
  const urls = ['javascript:document.title=1', '//evil.example/x', '/\\evil.example', 'data:text/html,x', ' https://evil.example'];
  await page.route('**/inbox?view=unread*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.items.forEach((/** @type {any} */ item, /** @type {number} */ index) => {
      item.url = urls[index] ?? null;
      item.level_tag = '<u>level</u>';
    });
    await route.fulfill({ response: answer, json: body });
  });
  await bell.open();
  await bell.shows(texts.length);
  assert.deepEqual(await bell.texts(), [...texts].reverse());
  assert.equal(await bell.rows.locator('a').count(), 0);
  assert.equal(await bell.rows.locator('img, script, b b, u, i').count(), 0);
  assert.equal(await bell.rows.first().locator('.meta').innerText().then((text) => text.includes('<b>tag</b>')), true);
  assert.equal(await page.title(), 'Foundry: ledger');
  // A text that runs from right to left does so, whatever is said before it for listeners.
  const directions = await bell.rows.locator('.text').evaluateAll((all) => all.map((node) => getComputedStyle(node).direction));
  assert.equal(directions[0], 'rtl');
  assert.equal(directions[1], 'ltr');
  assert.deepEqual(page.errors, []);
});

test('by keyboard alone', async (t) => {
  const { sandbox, host } = await app(t);
  for (const text of ['first', 'second', 'third', 'fourth']) await sandbox.send('alice', text);
  await sandbox.send('alice', 'fifth', '--url', '/x');
  const page = await openBell(await newContext(t), host);
  const { bell } = page;
  await bell.counts('5');
  for (let at = 0; at < 4; at += 1) await page.keyboard.press('Tab');
  assert.equal(await bell.focused(), 'Messages, 5 unread');
  await page.keyboard.press('Enter');
  await bell.shows(5);
  assert.equal(await page.locator('restante-bell .popover:focus').count(), 1);
  await page.keyboard.press('Escape');
  await bell.popover.waitFor({ state: 'hidden' });
  assert.equal(await bell.focused(), 'Messages, 5 unread');
  await page.keyboard.press('Space');
  await bell.shows(5);
  // Mark all, unread, all, the list, the link of the first row, and its buttons.
  for (const name of [/Mark all read/, /Unread 5/, /All/, /^list/, /fifth$/, /^Dismiss: fifth/, /^Mark as read: fifth/]) {
    await page.keyboard.press('Tab');
    assert.match(await bell.focused(), name);
  }
  await page.keyboard.press('Enter');
  await bell.shows(4);
  assert.equal(await bell.focused(), 'Mark as read: fourth');
  await page.keyboard.press('Enter');
  await bell.shows(3);
  assert.equal(await bell.focused(), 'Mark as read: third');
  await page.keyboard.press('Shift+Tab');
  for (const left of [2, 1]) {
    await page.keyboard.press('Enter');
    await bell.shows(left);
  }
  assert.equal(await bell.focused(), 'Dismiss: first');
  // A message that comes takes nobody's focus.
  await sandbox.send('alice', 'sixth');
  await bell.shows(2);
  assert.equal(await bell.focused(), 'Dismiss: first');
  await page.keyboard.press('Enter');
  await bell.shows(1);
  assert.equal(await bell.focused(), 'Dismiss: sixth');
  await page.keyboard.press('Enter');
  await bell.popover.getByText('Nothing waiting').waitFor();
  assert.equal(await page.locator('restante-bell .popover:focus').count(), 1);
  await page.keyboard.press('Escape');
  await bell.counts('');
  assert.equal(await bell.focused(), 'Messages, none unread');
  // Who goes on past its end leaves it closed.
  await page.keyboard.press('Enter');
  await bell.popover.waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await bell.popover.waitFor({ state: 'hidden' });
});

test('what comes is announced, all at once, and shown as toasts', async (t) => {
  const { sandbox, host } = await app(t);
  const page = await openBell(await newContext(t), host, { query: 'toasts=2' });
  const { bell } = page;
  await page.waitForResponse((response) => response.url().endsWith('/inbox/stream'));
  await sandbox.send('alice', 'Ahoy');
  await bell.status.getByText('New message: Ahoy').waitFor();
  assert.equal(await bell.toasts.count(), 1);
  await bell.toasts.first().hover();
  const server = host.server;
  const key = await sandbox.key('send');
  await Promise.all([1, 2, 3, 4, 5].map((n) =>
    server?.ask('/v1/messages', { method: 'POST', token: key, body: { to: ['alice'], message: `m${n}` } })));
  await bell.status.getByText('5 new messages').waitFor();
  assert.equal(await bell.toasts.count(), 3);
  await bell.toasts.last().getByRole('button', { name: 'Close this notice' }).click();
  assert.equal(await bell.toasts.count(), 2);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => !document.querySelector('restante-bell')?.shadowRoot?.querySelector('.toasts .item'));
  await bell.counts('6');
  assert.equal((await bell.heard('message')).length, 6);
});

test('set before and after, moved, doubled and changed', async (t) => {
  const { sandbox, host } = await app(t);
  await sandbox.send('alice', 'first');
  // The page sets the token as a property before the element is known.
  const page = await openBell(await newContext(t), host, { query: 'token', user: 'alice' });
  const { bell } = page;
  await bell.counts('1');
  assert.equal(host.asked.tokens, 1);
  const asked = host.asked.streams;
  await page.evaluate(() => {
    const node = /** @type {Element} */ (document.querySelector('restante-bell'));
    node.parentElement?.prepend(node);
  });
  await sandbox.send('alice', 'second');
  await bell.counts('2');
  assert.equal(host.asked.streams, asked, 'to move it breaks nothing');
  // A second bell hears the same stream; the first goes, the second goes on.
  await page.evaluate(() => {
    const other = document.createElement('restante-bell');
    other.id = 'other';
    Object.assign(other, { token: async () => (await fetch('/token')).text() });
    document.querySelector('main')?.append(other);
  });
  await page.locator('#other .badge', { hasText: '2' }).waitFor();
  await page.evaluate(() => document.querySelector('restante-bell:not(#other)')?.remove());
  await sandbox.send('alice', 'third');
  await page.locator('#other .badge', { hasText: '3' }).waitFor();
  // Put back, it is right at once; a token in the markup is nobody's.
  await page.evaluate(() => {
    const back = document.createElement('restante-bell');
    back.setAttribute('token', 'ignored');
    back.setAttribute('api', '/app/messages');
    back.setAttribute('lang', 'no language at all');
    document.querySelector('header')?.append(back);
  });
  await page.locator('header restante-bell .badge', { hasText: '3' }).waitFor();
  await page.evaluate(() => document.querySelector('header restante-bell')?.setAttribute('inbox', '/everything'));
  await page.locator('header restante-bell .button').click();
  assert.equal(await page.getByRole('link', { name: 'Open inbox' }).getAttribute('href'), '/everything');
  assert.deepEqual(page.errors, []);
});
