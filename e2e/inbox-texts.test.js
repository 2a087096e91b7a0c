// What messages and the page say: nothing is more than text, and nothing is too long for any width.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, desktop, phone } from './support/browser.js';
import { Desk, isLive, row } from './support/inbox.js';

/** @type {Desk} */
let desk;
before(async () => { desk = await Desk.open(); });
after(() => desk.close());

test('what is said beside the messages is accessible too', async () => {
  await desk.send('dave', 'for dave');
  for (const [colorScheme, viewport] of /** @type {const} */ ([['light', phone], ['dark', desktop]])) {
    const context = await desk.signIn('dave', { colorScheme, viewport });
    const { items } = await desk.list('dave');
    const page = await desk.visit(context, `/inbox/${items[0].id}`);
    await page.locator('.r-about', { hasText: /Read [^ ]/ }).waitFor();
    // Before its script runs, a button loads the page anew, which says nothing.
    await isLive(page);
    await page.getByRole('article').getByRole('button', { name: 'Mark unread' }).click();
    await page.locator('.r-said').waitFor();
    await assertAccessible(page, 'what was done');
    await assertFits(page, 'what was done');
    await context.clearCookies();
    await row(page, 'for dave').getByRole('button', { name: 'Mark read' }).click();
    await page.locator('#notes', { hasText: 'You are signed out.' }).waitFor();
    await assertAccessible(page, 'signed out');
    await assertFits(page, 'signed out');
    await context.close();
  }
});

test('nothing scrolls sideways at any width', async () => {
  await desk.send('bob', 'w'.repeat(2000), {
    tags: ['t'.repeat(64), 'u'.repeat(64)], level: 'error',
    url: `https://${'a'.repeat(63)}.${'b'.repeat(63)}.example/${'c'.repeat(900)}`,
    data: { ['k'.repeat(300)]: 'v'.repeat(900), list: [1, 2] },
  });
  const { items } = await desk.list('bob');
  const page = await desk.visit(await desk.signIn('bob'));
  for (const path of ['/inbox', `/inbox/${items[0].id}?view=archive`]) {
    await page.goto(desk.server.url + path);
    for (let width = 320; width <= 1440; width += 70) {
      await page.setViewportSize({ width, height: 800 });
      await assertFits(page, `${path} at ${width}`);
    }
  }
  await page.context().close();
});

test('hostile texts, tags, data and urls stay what they are', async () => {
  const hostile = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>&amp;\u202Egnp.exe';
  await desk.send('carl', hostile, {
    tags: ['"><b>tag'], url: 'https://bank.example@evil.example/pay', level: 'warning',
    data: { '<i>name': '<svg onload="window.hurt=1">', nested: { '</pre>': 1 } },
  });
  const page = await desk.visit(await desk.signIn('carl'));
  await isLive(page);
  // One that comes while the page is looked at goes another way: through the script.
  await desk.send('carl', `second ${hostile}`);
  await row(page, 'second').waitFor();
  assert.equal(await row(page, 'second').locator('.r-excerpt').textContent(), `second ${hostile}`);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await page.waitForURL(/\/inbox\/\d+/);
  assert.equal(await page.locator('.r-item-text').textContent(), hostile);
  assert.equal(await page.locator('.r-item-text').getAttribute('dir'), 'auto');
  assert.equal(await page.locator('.r-data dd').first().textContent(), '<svg onload="window.hurt=1">');
  assert.equal(await page.locator('#to').textContent(), 'evil.example/pay', 'the host that is visited');
  await page.goto(`${desk.server.url}/inbox?q=${encodeURIComponent('"><script>window.hurt=1</script>')}`);
  assert.equal(await page.getByRole('searchbox').inputValue(), '"><script>window.hurt=1</script>');
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).hurt), undefined);
  assert.equal(await page.locator('main img, main script').count(), 0);
  for (const url of ['javascript:alert(1)', '//evil.example', 'data:text/html,x']) {
    await assert.rejects(desk.send('carl', 'x', { url }), /422/, url);
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
