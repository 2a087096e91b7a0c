// The parts of the bell that need no browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff, Nap } from '../crates/restante/web/backoff.js';
import { safeLink } from '../crates/restante/web/dom.js';
import { lifeOf } from '../crates/restante/web/session.js';
import { EventParser } from '../crates/restante/web/sse.js';

const stream = [
  ': hello\n\n', 'retry: 2500\n\n',
  'event: message\nid: 7\ndata: {"text": "Grüße, 世界 👋"}\n\n',
  'data: one\r\ndata:two\r\n\r\n', 'data: cr\r\r',
  'event: nothing\nid: 8\n\n', 'data\n\n', 'unknown: x\ndata: : colon \n\n',
].join('');
const expected = [
  { type: 'message', data: '{"text": "Grüße, 世界 👋"}', id: '7' },
  { type: 'message', data: 'one\ntwo', id: '7' },
  { type: 'message', data: 'cr', id: '7' },
  { type: 'message', data: '', id: '8' },
  { type: 'message', data: ': colon ', id: '8' },
];

test('events are the same however the bytes are cut', () => {
  const bytes = new TextEncoder().encode(stream);
  for (let size = 1; size <= bytes.length; size += 1) {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) {
      events.push(...parser.push(decoder.decode(bytes.slice(at, at + size), { stream: true })));
    }
    assert.deepEqual(events, expected, `in pieces of ${size}`);
    assert.equal(parser.retry, 2500);
  }
});

test('an event that is not complete is none, and a bad retry is not believed', () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push('retry: soon\nid: a\0b\ndata: half\n'), []);
  assert.equal(parser.retry, undefined);
  assert.deepEqual(parser.push('\n'), [{ type: 'message', data: 'half', id: '' }]);
});

test('waits grow, to a bound, and differ by chance', () => {
  let chance = 0;
  const backoff = new Backoff(() => chance);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next()), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  chance = 1;
  assert.equal(backoff.next(), 60000);
  backoff.reset();
  backoff.base = 500;
  assert.equal(backoff.next(), 500);
});

test('a nap ends when it is over, woken or no longer wanted', async () => {
  const nap = new Nap();
  const { signal } = new AbortController();
  await nap.sleep(1, signal);
  const began = Date.now();
  const long = nap.sleep(2000, signal);
  nap.wake();
  await long;
  const stop = new AbortController();
  const other = nap.sleep(2000, stop.signal);
  stop.abort();
  await other;
  await nap.sleep(2000, stop.signal);
  assert.ok(Date.now() - began < 1000);
});

test('a message leads to http, https and paths of the site, and nowhere else', () => {
  const page = 'https://app.example/inbox?x';
  const good = {
    '/orders/7?a=b#c': 'https://app.example/orders/7?a=b#c',
    'https://other.example/a': 'https://other.example/a',
    'HTTP://other.example': 'http://other.example/',
    'https://bücher.example/': 'https://xn--bcher-kva.example/',
  };
  for (const [url, href] of Object.entries(good)) assert.equal(safeLink(url, page)?.href, href, url);
  const bad = [
    'javascript:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc',
    '//evil.example', '/\\evil.example', '/\t/evil.example', '\\\\evil.example', 'orders/7', '', 'https://', 'https:evil', 'mailto:a@b',
    null, undefined, 7, {},
  ];
  for (const url of bad) assert.equal(safeLink(url, page), null, String(url));
});

test('a token says how long it is good for', () => {
  const token = (/** @type {object} */ claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  const now = 1_000_000_000_000;
  assert.equal(lifeOf(token({ exp: now / 1000 + 60, sub: 'ÿ?>~' }), now), 60000);
  assert.equal(lifeOf(token({ exp: now / 1000 - 1 }), now), Infinity, 'the server says so');
  for (const other of ['', 'a', 'a.b.c', token({}), token({ exp: 'soon' })]) assert.equal(lifeOf(other, now), Infinity);
});
