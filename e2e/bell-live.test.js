// Tabs, browsers, servers that go and come back: the bell stays right.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app, database, openBell } from './support/bell.js';
import { openBrowser } from './support/browser.js';
import { freePort } from './support/server.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

let users = 0;
/** Somebody new in each test, so that one database does for all. */
const someone = () => `user${process.pid}-${Date.now()}-${(users += 1)}`;

/** @param {import('node:test').TestContext} t */
async function newContext(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

test('two tabs share one stream, two browsers have their own, and all stay in step', async (t) => {
  const { sandbox, host } = await app(t, database);
  const user = someone();
  const context = await newContext(t);
  const first = await openBell(context, host, { user });
  const second = await openBell(context, host, { user });
  const elsewhere = await openBell(await newContext(t), host, { user });
  const all = [first, second, elsewhere];
  await first.bell.open();
  await elsewhere.bell.open();
  // Sent by another process.
  await sandbox.send(user, 'first');
  await sandbox.send(user, 'second');
  const third = await sandbox.send('*', 'third');
  for (const { bell } of all) await bell.counts('3');
  assert.equal(host.asked.streams, 2);
  await elsewhere.bell.shows(3);
  assert.deepEqual((await elsewhere.bell.texts()), ['third', 'second', 'first']);

  await first.bell.rows.filter({ hasText: 'second' }).getByRole('button', { name: 'Mark as read' }).click();
  for (const { bell } of all) await bell.counts('2');
  await elsewhere.bell.shows(2);
  await second.bell.open();
  await second.bell.shows(2);
  await second.bell.rows.filter({ hasText: 'first' }).hover();
  await second.bell.rows.filter({ hasText: 'first' }).getByRole('button', { name: 'Dismiss' }).click();
  for (const { bell } of all) await bell.counts('1');
  await elsewhere.bell.shows(1);
  await elsewhere.bell.popover.getByRole('button', { name: 'Mark all read' }).click();
  for (const { bell } of all) await bell.counts('');
  for (const page of all) {
    assert.equal((await page.bell.heard('message')).length, 3, 'each message is told once');
    assert.deepEqual(page.errors, []);
  }
  // Other tests may use the same database.
  await sandbox.run('retract', third.id);
});

test('when the tab that leads is closed the other one goes on', async (t) => {
  const { sandbox, host } = await app(t, database);
  const user = someone();
  const context = await newContext(t);
  const leader = await openBell(context, host, { user });
  await sandbox.send(user, 'one');
  await leader.bell.counts('1');
  const other = await openBell(context, host, { user });
  await other.bell.counts('1');
  assert.equal(host.asked.streams, 1);
  await leader.close();
  await sandbox.send(user, 'two');
  await sandbox.send(user, 'three');
  await other.bell.counts('3');
  await other.bell.hears('message', 2);
  assert.deepEqual((await other.bell.heard('message')).map(({ message }) => message), ['two', 'three']);
  assert.equal(host.asked.streams, 2);
});

test('a server that is killed and comes back: what was sent meanwhile is there, and nothing twice', async (t) => {
  const { sandbox, host, server } = await app(t, database);
  const user = someone();
  const page = await openBell(await newContext(t), host, { user });
  await page.waitForResponse((response) => response.url().endsWith('/inbox/stream'));
  await sandbox.send(user, 'one');
  await page.bell.counts('1');
  await page.bell.open();
  await page.bell.shows(1);
  for (const [index, text] of ['two', 'three'].entries()) {
    const port = Number(new URL(host.server?.url ?? '').port);
    await host.server?.kill();
    await sandbox.send(user, text);
    if (index === 0) {
      await page.bell.note.getByText('The inbox did not answer.').waitFor();
      await page.bell.popover.getByRole('button', { name: 'Try now' }).waitFor();
      assert.equal(await page.locator('.button[data-offline]').count(), 1);
    }
    host.server = await sandbox.serve({ port, options: ['--user-header', 'x-user', '--log', 'warn'] });
    await page.bell.counts(String(index + 2));
    await page.bell.shows(index + 2);
    await page.bell.note.waitFor({ state: 'hidden' });
  }
  assert.equal(server.child.signalCode, 'SIGKILL');
  assert.deepEqual((await page.bell.texts()), ['three', 'two', 'one']);
  assert.deepEqual((await page.bell.heard('message')).map(({ message }) => message), ['one', 'two', 'three']);
});

test('a token is renewed before it ends and after it was refused, and is nowhere to be seen', async (t) => {
  const { sandbox, host, server } = await app(t, database);
  const user = someone();
  // A few seconds: the stream ends with it.
  host.how.token = () => sandbox.token(user, '7s');
  const page = await openBell(await newContext(t), host, { user, query: 'token' });
  const urls = /** @type {string[]} */ ([]);
  page.on('request', (request) => urls.push(request.url()));
  await sandbox.send(user, 'one');
  await page.bell.counts('1');
  const deadline = Date.now() + 25000;
  for (let n = 2; host.asked.tokens < 3 && Date.now() < deadline; n += 1) {
    await sandbox.send(user, `message ${n}`);
    await page.bell.counts(n > 99 ? '99+' : String(n));
  }
  assert.ok(host.asked.tokens >= 3, 'it was asked for again');
  // All tokens so far end at once: the next request is refused, and a new one is asked for.
  const before = host.asked.tokens;
  host.how.token = () => sandbox.token(user, '1h');
  const key = await sandbox.key('admin');
  await server.ask(`/v1/users/${user}/tokens`, { method: 'DELETE', token: key });
  await page.bell.open();
  await page.bell.rows.first().waitFor();
  assert.ok(host.asked.tokens > before);
  assert.ok(!urls.some((url) => url.includes('eyJ')), 'never in an address');
  assert.ok(!(await page.content()).includes('eyJ'), 'never in the page');
  assert.deepEqual(page.errors, []);
});

test('offline and back', async (t) => {
  const { sandbox, host } = await app(t, database);
  const user = someone();
  const context = await newContext(t);
  const page = await openBell(context, host, { user });
  await sandbox.send(user, 'one');
  await page.bell.counts('1');
  await page.bell.open();
  await page.bell.shows(1);
  await context.setOffline(true);
  await page.bell.note.getByText(/^Offline\. This is what was here at/).waitFor();
  assert.match(await page.bell.button.getAttribute('aria-label') ?? '', /1 unread when last online$/);
  await sandbox.send(user, 'two');
  await context.setOffline(false);
  await page.bell.counts('2');
  await page.bell.shows(2);
  await page.bell.note.waitFor({ state: 'hidden' });
  await page.bell.status.getByText('Online again.').waitFor();
});

test('who signs in instead sees nothing of the one before', async (t) => {
  const { sandbox, host } = await app(t, database);
  const [alice, bob] = [someone(), someone()];
  const context = await newContext(t);
  await sandbox.send(alice, 'for alice');
  const old = await openBell(context, host, { user: alice });
  await old.bell.counts('1');
  // The same cookie jar: from now on the old tab's requests are bob's, too.
  const fresh = await openBell(context, host, { user: bob });
  await fresh.bell.open();
  await fresh.bell.popover.getByText('Nothing waiting').waitFor();
  await sandbox.send(alice, 'again for alice');
  await old.bell.counts('2');
  await sandbox.send(bob, 'for bob');
  await fresh.bell.counts('1');
  assert.deepEqual((await fresh.bell.heard('message')).map(({ message }) => message), ['for bob']);
  // As soon as the old tab asks for anything, it is bob's.
  await old.bell.open();
  await old.bell.shows(1);
  assert.deepEqual(await old.bell.texts(), ['for bob']);
  await old.bell.counts('1');
  await sandbox.send(alice, 'and again');
  await sandbox.send(bob, 'two for bob');
  await old.bell.counts('2');
  assert.deepEqual(await old.bell.texts(), ['two for bob', 'for bob']);
  assert.ok(!(await old.bell.heard('message')).some(({ message }) => message === 'and again'));
});

test('a page of another origin has the bell with a token', async (t) => {
  const { sandbox, host } = await app(t, database);
  const user = someone();
  const port = await freePort();
  const server = await sandbox.serve({ port, options: ['--allow-origin', host.url, '--log', 'warn'] });
  host.how = { token: () => sandbox.token(user), connect: server.url };
  const page = await openBell(await newContext(t), host, { user, query: `token&from=${server.url}/v1/bell/` });
  await sandbox.send(user, 'one');
  await page.bell.counts('1');
  await page.bell.open();
  await page.bell.shows(1);
  await page.bell.rows.first().getByRole('button', { name: 'Mark as read' }).click();
  await page.bell.counts('');
  const second = await openBell(page.context(), host, { user, query: `token&from=${server.url}/v1/bell/` });
  await sandbox.send(user, 'two');
  await second.bell.counts('1');
  await page.bell.counts('1');
  assert.deepEqual([...page.errors, ...second.errors], []);
});
