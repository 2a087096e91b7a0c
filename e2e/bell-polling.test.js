// Where no stream comes through, the bell asks now and then.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app, database, openBell } from './support/bell.js';
import { openBrowser } from './support/browser.js';

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

for (const fate of /** @type {const} */ (['refuse', 'break'])) {
  test(`where streams do not come through the inbox is asked now and then: ${fate}`, async (t) => {
    const { sandbox, host } = await app(t, database);
    const user = someone();
    host.streams = fate;
    const context = await newContext(t);
    const first = await openBell(context, host, { user, query: 'poll=1' });
    const second = await openBell(context, host, { user, query: 'poll=1' });
    // Whichever of them leads.
    await context.waitForEvent('response', (response) => response.url().endsWith('/inbox/count'));
    await first.bell.open();
    await sandbox.send(user, 'one');
    await sandbox.send(user, 'two');
    await first.bell.shows(2);
    await second.bell.counts('2');
    await second.bell.hears('message', 2);
    await first.bell.rows.first().getByRole('button', { name: 'Mark as read' }).click();
    await second.bell.counts('1');
    // What did not change is not sent again.
    await context.waitForEvent('response', (response) => response.url().endsWith('/inbox/count') && response.status() === 304);
    assert.deepEqual((await first.bell.heard('message')).map(({ message }) => message), ['one', 'two']);
  });
}

test('a proxy that holds streams back is found out, and the inbox is asked now and then', async (t) => {
  const { sandbox, host } = await app(t, database);
  const user = someone();
  host.streams = 'hold';
  const page = await openBell(await newContext(t), host, { user, query: 'poll=1' });
  // Two streams are waited for in vain, ten seconds each.
  await page.waitForResponse((response) => response.url().endsWith('/inbox/count'), { timeout: 40000 });
  await sandbox.send(user, 'one');
  await page.bell.counts('1');
  assert.equal(host.asked.streams, 2);
});
