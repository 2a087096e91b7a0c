// What several tests of the admin pages begin with.

/**
 * Signs a browser in with a key, on the page that asks for it.
 * @param {import('playwright-core').Page} page
 * @param {import('./server.js').Server} server
 * @param {string} key
 */
export async function signIn(page, server, key) {
  await page.goto(`${server.url}/admin`);
  await page.getByLabel('Admin key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** A file with one id a line, as a browser is given it. @param {number} number @param {string} [more] */
export function listOf(number, more = '') {
  const ids = Array.from({ length: number }, (_, at) => `user-${String(at).padStart(5, '0')}`);
  return { name: 'users.txt', mimeType: 'text/plain', buffer: Buffer.from(`${ids.join('\r\n')}\r\n${more}`) };
}

/** An id and a text that would be something else in HTML, in a path or in a query. */
export const odd = 'a/b?c#d <script>&"..%2F';
export const hostile = '<img src=x onerror="globalThis.hacked=1"><script>hacked=1</script> & \u202eabc';
