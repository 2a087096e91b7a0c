// The pictures of the admin pages in the documentation, taken if RESTANTE_SHOTS is set.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { signIn } from './support/admin.js';
import { desktop, newPage, openBrowser, phone } from './support/browser.js';
import { Sandbox } from './support/server.js';

const folder = resolve(new URL('.', import.meta.url).pathname, '../docs/img');
const skip = !process.env.RESTANTE_SHOTS;
const warning = 'Your access token ends on Sunday. Make a new one, or the nightly mirror of your repositories stops.';

/** @type {Sandbox} */ let sandbox;
/** @type {import('./support/server.js').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} */ let key;

before(async () => {
  if (skip) return;
  sandbox = await Sandbox.create();
  const token = (await sandbox.key('admin')).trim();
  server = await sandbox.serve();
  browser = await openBrowser();
  /** @param {string} path @param {any} body */
  const post = (path, body) => server.ask(path, { token, method: 'POST', body });
  for (const name of ['old importer', 'nightly mirror', 'billing service']) {
    const { id } = await post('/v1/keys', { name, scopes: ['send'] });
    if (name === 'old importer') await server.ask(`/v1/keys/${id}`, { token, method: 'DELETE' });
  }
  ({ key } = await post('/v1/keys', { name: 'ops laptop', scopes: ['admin'] }));
  /** @param {any} message @param {number} readers */
  const send = async (message, readers) => {
    const sent = await server.ask('/v1/messages', { token: key, method: 'POST', body: message });
    for (let at = 0; at < readers; at += 1) {
      const user = `user-${at}`;
      await sandbox.run('read', user, String((await sandbox.run('inbox', user)).items[0].id));
    }
    return sent.id;
  };
  /** @param {number} number */
  const users = (number) => Array.from({ length: number }, (_, at) => `user-${at}`);
  await send({ to: users(1), message: 'Your export of 48,210 rows is ready', level: 'success', tags: ['export'] }, 1);
  const closed = await send({ everyone: true, message: 'Office closed on Friday', tags: ['people'] }, 2);
  await server.ask(`/v1/messages/${closed}`, { token: key, method: 'DELETE' });
  await send({ to: users(1), message: 'Payment for November did not go through: the card ending 4411 was declined.', level: 'error', tags: ['billing'] }, 1);
  await send({ everyone: true, message: 'Planned maintenance on Saturday, 02:00–02:40 UTC.', tags: ['maintenance'] }, 5);
  await send({ to: users(12_480), message: 'Ledger 2.4 is out: smaller pages, faster marks, no more duplicates', level: 35, tags: ['release'] }, 4);
  await send({ to: users(3), message: warning, level: 'warning', tags: ['security'], url: '/settings/tokens' }, 1);
  // The key that made the others has done its work.
  const { keys } = await server.ask('/v1/keys', { token });
  await server.ask(`/v1/keys/${keys[0].id}`, { token, method: 'DELETE' });
  await twoWeeks();
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
});

/** Days on which much was done, which no test has the time to wait for. */
async function twoWeeks() {
  const days = [[4120, 3010], [5230, 4120], [4880, 4402], [6100, 5210], [2210, 2480], [1840, 1702], [5480, 4120],
    [6902, 5530], [7204, 6410], [5920, 5301], [8412, 6204], [2602, 3120], [2104, 1880], [6318, 4106]];
  const first = Math.floor(Date.now() / 86_400_000) - 13;
  const rows = days.map(([sent, read], at) => `(${first + at}, ${sent}, ${read}, ${Math.round(Number(read) / 40)})`);
  const sql = `PRAGMA busy_timeout = 5000; INSERT OR REPLACE INTO restante_days VALUES ${rows.join()};`;
  await promisify(execFile)('sqlite3', [sandbox.database.replace('sqlite:', ''), sql]);
}

/**
 * @param {string} name
 * @param {'light' | 'dark'} colorScheme
 * @param {typeof desktop} viewport
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} reach
 */
async function picture(name, colorScheme, viewport, reach) {
  const deviceScaleFactor = viewport === phone ? 2 : 1;
  const context = await browser.newContext({ colorScheme, viewport, deviceScaleFactor });
  const page = await newPage(context);
  await signIn(page, server, key);
  await reach(page);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await context.close();
}

test('the overview', { skip }, () => picture('admin-overview', 'light', desktop, async () => {}));

test('a message that is written', { skip }, () => picture('admin-compose', 'light', desktop, async (page) => {
  await page.goto(`${server.url}/admin/compose`);
  await page.getByLabel('User ids, one a line').fill('alice\nbob\ncarol');
  await page.getByLabel('Message', { exact: true }).fill(warning);
  await page.locator('label:has(#level-warning)').click();
  await page.getByLabel('Link').fill('/settings/tokens');
  await page.getByLabel('Tags').fill('security');
  await page.getByLabel('Expires').selectOption('in');
  await page.getByLabel('Time span').fill('7d');
  await page.evaluate(() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); });
}));

test('what was sent, on a phone', { skip }, () =>
  picture('admin-sent-phone', 'dark', phone, (page) => page.goto(`${server.url}/admin/sent`)));

test('a key that was made, in the dark', { skip }, () => picture('admin-dark', 'dark', desktop, async (page) => {
  await page.goto(`${server.url}/admin/keys`);
  await page.getByLabel('Name').fill('release bot');
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('button', { name: 'Copy key' }).waitFor();
}));
