// Where a message may lead.

/**
 * The address, if it is http, https or a path of this site; else nothing, and the message is shown
 * without a link.
 * @param {unknown} url
 * @param {string} page where the link is shown
 * @returns {URL | null}
 */
export function safeLink(url, page) {
  if (typeof url !== 'string') return null;
  const isPath = url.startsWith('/');
  if (!isPath && !/^https?:\/\//i.test(url)) return null;
  try {
    const link = new URL(url, page);
    // Browsers read `//host`, `/\host` and a path with a tab in it as another host.
    return isPath && link.origin !== new URL(page).origin ? null : link;
  } catch {
    return null;
  }
}
