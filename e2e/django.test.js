// A Django site and a Rust service on one origin, as one visitor sees them: the example, started by
// its own script.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { assertAccessible, assertFits, desktop, newPage, openBrowser, phone } from './support/browser.js';
import { Bell } from './support/bell.js';
import { Server } from './support/server.js';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const run = resolve(here, '../examples/django-side-by-side/run');

/** @type {Server} */
let shop;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restante-e2e-'));
  [shop, browser] = await Promise.all(
    [Server.start(['127.0.0.1:0', folder], folder, run), openBrowser()]);
});

test.after(async () => {
  await browser?.close();
  // It ends what it has started.
  await shop?.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

/** @typedef {import('playwright-core').Page & { errors: string[] }} Page */

/** Somebody at the shop, which has said hello. @param {string} name @returns {Promise<Page>} */
async function signedIn(name) {
  const page = await newPage(browser, { viewport: desktop });
  await page.goto(shop.url);
  await page.getByRole('button', { name, exact: true }).click();
  await says(page, [['success', `Hello, ${name}`]]);
  return page;
}

/** What the page says, with its classes but the first. @param {Page} page @returns {Promise<[string, string][]>} */
function said(page) {
  return page.locator('.said').evaluateAll((all) => all.map((node) =>
    /** @type {[string, string]} */ ([node.className.replace(/^said ?/, ''), node.textContent ?? ''])));
}

/** Waits until the page says just this: a form leads to it. @param {Page} page @param {[string, string][]} expected */
async function says(page, expected) {
  await page.waitForFunction((wanted) => JSON.stringify([...document.querySelectorAll('.said')]
    .map((node) => [node.className.replace(/^said ?/, ''), node.textContent])) === wanted, JSON.stringify(expected))
    .catch(async () => assert.deepEqual(await said(page), expected));
}

/** Sends a form and stays away from the page that would show what is said. @param {Page} page @param {string} path @param {Record<string, string>} form */
async function post(page, path, form) {
  const csrf = await page.locator('[name=csrfmiddlewaretoken]').first().inputValue();
  const answer = await page.request.post(shop.url + path, {
    form: { ...form, csrfmiddlewaretoken: csrf }, maxRedirects: 0,
  });
  assert.ok([302, 303].includes(answer.status()), `${path}: ${answer.status()}`);
}

/** The cookie that both share. @param {Page} page */
async function messagesCookie(page) {
  return (await page.context().cookies()).find((cookie) => cookie.name === 'messages')?.value;
}

test('what one says the other shows, once, and the bell rings for both ways of sending', async () => {
  const page = await signedIn('ada');
  await page.getByRole('button', { name: 'Messages, none unread' }).waitFor();

  // A transaction that is rolled back leaves what is said, and no message.
  await page.getByLabel('Order').fill('unicorn');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await says(page, [['error', 'There is no unicorn left']]);

  // Django to itself: the text that it holds for safe is HTML, what is put into it is not.
  await page.getByLabel('Order').fill('Tee 保存 🎉 <b>');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await says(page, [['success', 'Ordered: Tee 保存 🎉 <b>']]);
  assert.equal(await page.locator('.said strong').textContent(), 'Tee 保存 🎉 <b>');
  // The row in the outbox that its transaction committed.
  await page.getByRole('button', { name: 'Messages, 1 unread' }).waitFor();
  await assertAccessible(page, 'the shop');

  // Django to the Rust service, and by HTTP to the bell.
  await page.getByRole('button', { name: 'Ship' }).click();
  await page.waitForURL('**/parcels/');
  await says(page, [['order info', 'It has left the house: Tee 保存 🎉 <b>']]);
  assert.equal(await messagesCookie(page), undefined);
  await assertAccessible(page, 'the service');

  // The Rust service to Django.
  await page.getByLabel('Tell the driver').fill('<i>leise</i> עברית 🤫');
  await page.getByRole('button', { name: 'Tell' }).click();
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  await says(page,
    [['parcels success', 'The driver will be told: <i>leise</i> עברית 🤫']]);
  assert.equal(await page.locator('.said i').count(), 0);
  await page.reload();
  assert.deepEqual(await said(page), [], 'once');

  await page.getByRole('button', { name: 'Messages, 2 unread' }).click();
  const bell = new Bell(page);
  await bell.shows(2);
  // None of the unicorn, whose row would have come before the other.
  assert.deepEqual(await bell.texts(),
    ['On its way: Tee 保存 🎉 <b>', 'We have your order: Tee 保存 🎉 <b>']);
  await page.setViewportSize(phone);
  await assertFits(page, 'the shop on a phone');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('text that Django holds for safe is text at the service, and HTML at home again', async () => {
  const page = await signedIn('grace');
  await post(page, '/order', { item: 'a & b' });
  await page.goto(`${shop.url}/parcels/`);
  assert.deepEqual(await said(page), [['success', 'Ordered: <strong>a &amp; b</strong>']]);
  assert.equal(await page.locator('.said strong').count(), 0);

  await page.goto(shop.url);
  await post(page, '/order', { item: 'a & b' });
  await post(page, '/parcels/', { text: 'and this' });
  await page.goto(shop.url);
  assert.deepEqual(await said(page),
    [['success', 'Ordered: a & b'], ['parcels success', 'The driver will be told: and this']]);
  assert.equal(await page.locator('.said strong').count(), 1);
  await page.context().close();
});

test('of more than the cookie holds Django shows all of its own, and the newest of the service', async () => {
  const page = await signedIn('grace');
  const many = Array.from({ length: 40 }, (_, at) =>
    `${at} ${Array.from({ length: 8 }, (_, n) => Math.imul(at * 8 + n + 1, 0x9e3779b1).toString(36)).join('')}`);

  for (const item of many) await post(page, '/order', { item });
  const value = await messagesCookie(page) ?? '';
  assert.ok(value.length > 1500 && value.length <= 2048, `${value.length} characters`);
  await page.goto(shop.url);
  const ordered = (await said(page)).map(([, text]) => text.replace('Ordered: ', ''));
  assert.deepEqual(ordered, many, 'the rest was in its session');

  for (const text of many) await post(page, '/parcels/', { text });
  assert.ok((await messagesCookie(page) ?? '').length <= 2048);
  await page.goto(shop.url);
  const told = (await said(page)).map(([, text]) => text.replace('The driver will be told: ', ''));
  assert.ok(told.length >= 5 && told.length < 40, `${told.length} are shown`);
  assert.deepEqual(told, many.slice(-told.length));
  await page.context().close();
});
