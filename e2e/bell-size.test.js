// What the bell costs a page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Sandbox } from './support/server.js';

const most = 14000;

test('all that the bell loads is at most 14 kB', async (t) => {
  const sandbox = await Sandbox.create();
  t.after(() => sandbox.close());
  const server = await sandbox.serve({ options: ['--log', 'warn'] });
  /** @type {Map<string, string>} */
  const loaded = new Map();
  const load = async (/** @type {string} */ name) => {
    if (loaded.has(name)) return;
    const answer = await fetch(`${server.url}/v1/bell/${name}`);
    assert.equal(answer.status, 200, name);
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const tag = answer.headers.get('etag') ?? '';
    const again = await fetch(answer.url, { headers: { 'if-none-match': tag } });
    assert.equal(again.status, 304, name);
    const code = await answer.text();
    loaded.set(name, code);
    for (const [, other = ''] of code.matchAll(/from ?'\.\/([\w-]+\.js)'/g)) await load(other);
  };
  await load('restante-bell.js');
  assert.ok(loaded.has('style.js') && loaded.has('sse.js'));
  // The modules one after another, by name, as `gzip -9` has them.
  const code = [...loaded].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  const size = execFileSync('gzip', ['-9', '-c'], { input: code.join('') }).length;
  t.diagnostic(`${loaded.size} modules, ${size} bytes`);
  assert.ok(size <= most, `${size} bytes`);
  assert.equal((await fetch(`${server.url}/v1/bell/../../Cargo.toml`)).status, 404);
  assert.equal((await fetch(`${server.url}/v1/bell/none.js`)).status, 404);
});
