// How the bell looks in every state, that nobody is shut out of any, and the pictures of the docs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { app, openBell } from './support/bell.js';
import { assertAccessible, assertFits, desktop, openBrowser, phone } from './support/browser.js';

const pictures = process.env.RESTANTE_SHOTS && join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../docs/img');

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
}

/** What the look shows: oldest first. @param {import('./support/server.js').Sandbox} sandbox @param {string} user */
async function fill(sandbox, user) {
  await sandbox.send(user, 'Planned maintenance on Saturday 22 November, 02:00–02:40 UTC. Pushes wait in line and nothing is lost; pages may show an older state for a minute or two. Webhooks are sent again afterwards, so a receiver may see the same delivery twice.', '--tag', 'maintenance');
  await sandbox.send('*', 'Ledger 2.4 is out: smaller pages, faster marks, no more duplicates', '--level', '12', '--tag', 'release', '--url', '/releases/2.4');
  await sandbox.send(user, 'Your export of 48,210 issues is ready', '--level', 'success', '--tag', 'export', '--url', '/exports/7');
  await sandbox.run('read', user, '--all');
  await sandbox.send(user, 'Your access token “laptop” ends in 3 days. Make a new one before Sunday, or the nightly mirror stops.', '--level', 'warning', '--tag', 'security');
  await sandbox.send(user, 'Build 1907 of ledger/main failed in “integration, PostgreSQL 16”', '--level', 'error', '--tag', 'ci', '--url', 'https://ci.example/1907');
  await sandbox.send(user, 'alice asked for your review of “Give positions out in commit order”', '--tag', 'review', '--url', '/review/482');
}

/** @typedef {Awaited<ReturnType<typeof openBell>>} Page */

/** Every state, how it comes about. @type {Record<string, (page: Page, host: import('./support/host.js').Host) => Promise<void>>} */
const states = {
  unread: async ({ bell }) => {
    await bell.open();
    await bell.shows(3);
  },
  all: async (page) => {
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.bell.shows(6);
  },
  hover: async ({ bell }) => {
    await bell.rows.first().hover();
  },
  focus: async ({ bell }) => {
    await bell.popover.locator('.list').focus();
    await bell.page.keyboard.press('Tab');
  },
  offline: async (page) => {
    await page.context().setOffline(true);
    await page.bell.note.getByText('Offline.').waitFor();
  },
  error: async (page, host) => {
    host.inbox = 'refuse';
    host.streams = 'refuse';
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.bell.note.getByText('did not answer').waitFor();
  },
  'error, nothing loaded': async (page) => {
    await page.getByRole('button', { name: 'Unread 3', exact: true }).click();
    await page.locator('restante-bell .skeleton').first().waitFor();
    await page.bell.note.getByText('did not answer').waitFor();
  },
  empty: async (page, host) => {
    host.inbox = 'pass';
    host.streams = 'pass';
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.bell.shows(3);
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await page.bell.popover.getByText('Nothing waiting').waitFor();
  },
  loading: async (page, host) => {
    host.inbox = 'wait';
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.locator('restante-bell .skeleton').first().waitFor();
  },
};

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [form, viewport] of Object.entries({ desktop, phone })) {
    test(`every state is accessible and fits: ${colorScheme}, ${form}`, async (t) => {
      const { sandbox, host } = await app(t);
      await fill(sandbox, 'alice');
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', hasTouch: form === 'phone', deviceScaleFactor: form === 'phone' ? 2 : 1 });
      t.after(() => context.close());
      const page = await openBell(context, host, { query: 'inbox=/inbox&toasts=60' });
      await page.bell.counts('3');
      await assertAccessible(page, 'closed');
      for (const [name, reach] of Object.entries(states)) {
        await reach(page, host);
        await assertAccessible(page, `${name}, ${colorScheme}, ${form}`);
        await assertFits(page, name);
        if (name === 'all' && form === 'desktop') await picture(page, `bell-${colorScheme}`);
        if (name === 'all' && form === 'phone' && colorScheme === 'dark') await picture(page, 'bell-phone');
      }
      host.inbox = 'pass';
      await page.keyboard.press('Escape');
      // It begins anew.
      const live = page.waitForResponse((response) => response.url().endsWith('/inbox/stream'));
      await page.evaluate(() => document.querySelector('restante-bell')?.setAttribute('api', '/app/messages/'));
      await live;
      await sandbox.send('alice', 'alice asked for your review', '--url', '/review/482');
      await page.bell.toasts.first().waitFor();
      await assertAccessible(page, `toast, ${colorScheme}, ${form}`);
      assert.deepEqual(page.errors, []);
    });
  }
}

test('from right to left, in Arabic', async (t) => {
  const { sandbox, host } = await app(t);
  await sandbox.send('alice', 'Ledger 2.4 is out: smaller pages, faster marks', '--url', '/releases/2.4');
  await sandbox.send('alice', 'فشل البناء ‎1907‎ للفرع ledger/main في خطوة PostgreSQL 16', '--level', 'error', '--tag', 'بناء');
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'dark' });
  t.after(() => context.close());
  const page = await openBell(context, host, { page: 'bell-rtl.html', query: 'arabic&inbox=/inbox' });
  const two = new Intl.NumberFormat('ar').format(2);
  await page.bell.counts(two);
  await page.bell.open();
  await page.bell.shows(2);
  await page.bell.popover.getByRole('heading', { name: 'الرسائل' }).waitFor();
  assert.equal(await page.bell.rows.first().locator('b').innerText(), 'خطأ');
  const now = new Intl.RelativeTimeFormat('ar', { style: 'short', numeric: 'auto' }).format(0, 'second');
  assert.equal(await page.bell.rows.first().locator('time').innerText(), now);
  const [button, popover] = await Promise.all([page.bell.button.boundingBox(), page.bell.popover.boundingBox()]);
  // The button is at the left, and the panel begins there.
  assert.ok(button && popover && popover.x >= 0 && popover.x < button.x + button.width);
  await assertAccessible(page, 'right to left');
  await assertFits(page, 'right to left');
  assert.deepEqual(page.errors, []);
});

test('a theme of its own', async (t) => {
  const { host } = await app(t);
  const context = await browser.newContext({ colorScheme: 'light' });
  t.after(() => context.close());
  const page = await openBell(context, host, { query: 'theme=dark' });
  await page.bell.open();
  assert.equal(await page.bell.popover.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(30, 26, 32)');
  await page.evaluate(() => document.querySelector('restante-bell')?.removeAttribute('theme'));
  assert.equal(await page.bell.popover.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(255, 255, 255)');
});

test('without anchors, in forced colours, with little motion', async (t) => {
  const { sandbox, host } = await app(t);
  await fill(sandbox, 'alice');
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'light', forcedColors: 'active', reducedMotion: 'reduce' });
  t.after(() => context.close());
  await context.addInitScript(() => {
    const { supports } = CSS;
    CSS.supports = (/** @type {string[]} */ ...all) => !all[0]?.includes('position-area') && supports.apply(CSS, /** @type {any} */ (all));
  });
  const page = await openBell(context, host);
  await page.bell.open();
  await page.bell.shows(3);
  assert.equal(await page.bell.popover.evaluate((node) => /** @type {HTMLElement} */ (node).style.insetBlockStart !== ''), true);
  assert.equal(await page.bell.popover.evaluate((node) => node.getAnimations({ subtree: true }).length), 0);
  const dot = await page.bell.rows.first().locator('.read').evaluate((node) => getComputedStyle(node, '::before').backgroundColor);
  assert.notEqual(dot, 'rgba(0, 0, 0, 0)');
  assert.deepEqual(page.errors, []);
});

test('the states side by side', { skip: !pictures && 'only for the docs' }, async (t) => {
  const { sandbox, host } = await app(t);
  await fill(sandbox, 'alice');
  const context = await browser.newContext({ viewport: { width: 472, height: 620 }, colorScheme: 'light' });
  t.after(() => context.close());
  const page = await openBell(context, host, { query: 'inbox=/inbox' });
  await page.bell.counts('3');
  /** @type {Record<string, string>} */
  const shots = {};
  for (const [name, reach] of Object.entries(states)) {
    await reach(page, host);
    const shot = await page.screenshot({ animations: 'disabled' });
    if (name !== 'hover') shots[name] = `data:image/png;base64,${shot.toString('base64')}`;
  }
  const sheet = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await sheet.setContent(`<style>body{margin:24px;font:600 13px system-ui;background:#f4f1f4;display:grid;grid-template-columns:repeat(4,1fr);gap:20px}figure{margin:0}img{inline-size:100%;border-radius:8px;margin-block-start:8px}</style>${
    Object.entries(shots).map(([name, url]) => `<figure>${name}<img src="${url}"></figure>`).join('')}`);
  await sheet.screenshot({ path: join(String(pictures), 'bell-states.png'), fullPage: true });
  await sheet.close();
});
