// An inbox of ten thousand is as quick as one of ten.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, focused, isLive, shows, texts } from './support/inbox.js';

const MANY = 10_000;
const AT_ONCE = 64;
/** Far more than it takes, far less than what grows with the inbox would. */
const SOON = 3_000;

/** @type {Desk} */
let desk;
before(async () => {
  desk = await Desk.open();
  let next = 1;
  const send = async () => {
    while (next <= MANY) {
      const number = next++;
      await desk.send('alice', `number ${number}`, { tags: [number % 1000 === 500 ? 'rare' : 'many'] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
});
after(() => desk.close());

/** @param {() => Promise<unknown>} what */
async function takes(what) {
  const before = performance.now();
  await what();
  return performance.now() - before;
}

test('pages come soon, also far from the newest', async () => {
  const page = await desk.visit(await desk.signIn('alice'));
  await isLive(page);
  assert.equal(await page.title(), `Inbox (${MANY}) — Restante`);
  const first = await texts(page);
  assert.equal(first.length, 20);
  const seen = new Set(first);
  for (let older = 1; older <= 12; older += 1) {
    const took = await takes(() => page.getByRole('link', { name: 'Older' }).click());
    assert.ok(took < SOON, `page ${older} took ${took} ms`);
    for (const text of await texts(page)) {
      assert.ok(!seen.has(text), `${text} was shown before`);
      seen.add(text);
    }
  }
  assert.equal(seen.size, 13 * 20);
  const took = await takes(() => page.getByRole('link', { name: 'Newest' }).click());
  assert.ok(took < SOON, `newest took ${took} ms`);
  assert.deepEqual(await texts(page), first);
  await page.context().close();
});

test('what one does there is done soon', async () => {
  const page = await desk.visit(await desk.signIn('alice'));
  await isLive(page);
  const shown = await texts(page);
  await page.keyboard.press('j');
  const took = await takes(async () => {
    await page.keyboard.press('e');
    await page.waitForFunction((count) => document.title.includes(`(${count})`), MANY - 1);
  });
  assert.ok(took < SOON, `marking took ${took} ms`);
  assert.equal(await focused(page), shown[1]);
  assert.equal((await texts(page)).length, 20, 'the next one moves up');

  // A rare one: each page looks at so many and says that there is more.
  await page.goto(`${desk.server.url}/inbox?tag=rare`);
  let found = await texts(page);
  for (let pages = 0; pages < 10 && await page.getByRole('link', { name: 'Older' }).count(); pages += 1) {
    await page.getByRole('link', { name: 'Older' }).click();
    found = [...found, ...await texts(page)];
  }
  assert.equal(found.length, MANY / 1000);

  await page.goto(`${desk.server.url}/inbox`);
  const all = await takes(async () => {
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await page.getByText('Nothing waiting').waitFor();
  });
  assert.ok(all < SOON, `marking all took ${all} ms`);
  await shows(page, []);
  await page.context().close();
});
