// Nodes from names, attributes and texts; nothing here reads HTML.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} part what it is for: its `part`, and its class for our own style
 * @param {...(Node | string | Record<string, string | ((event: any) => void)>)} rest children, and attributes; functions are listeners
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, part, ...rest) {
  const node = document.createElement(tag);
  node.className = part;
  for (const some of [{ part }, ...rest]) {
    if (typeof some === 'string' || some instanceof Node) node.append(some);
    else for (const [name, value] of Object.entries(some)) {
      if (typeof value === 'function') node.addEventListener(name, value);
      else if (value) node.setAttribute(name, value);
    }
  }
  return node;
}

/** @param {string} name @param {string} text @param {(event: any) => void} click @param {...(Node | string)} children */
export const button = (name, text, click, ...children) =>
  make('button', name, { type: 'button', 'aria-label': text, click }, ...children);

/** A picture of lines. @param {string} box @param {...string} paths */
export function drawing(box, ...paths) {
  const shape = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) node.setAttribute(name, attributes[name] ?? '');
    return node;
  };
  const svg = shape('svg', { viewBox: box, 'aria-hidden': 'true', class: 'icon', part: 'icon' });
  svg.append(...paths.map((d) => shape('path', { d })));
  return svg;
}

const check = 'M4 10.5l4 4 8-9';
/** @type {Record<string, string>} */
const shapes = {
  bell: 'M10 2.75A4.75 4.75 0 0 0 5.25 7.5v2.4c0 .8-.25 1.55-.7 2.2L3.25 14h13.5l-1.3-1.9a3.9 3.9 0 0 1-.7-2.2V7.5A4.75 4.75 0 0 0 10 2.75zM8 16.75a2.2 2.2 0 0 0 4 0',
  checks: 'M1.5 10.5l3.7 4 7-9M9.3 13.3l1.1 1.2 7.6-9',
  check,
  x: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  out: 'M8.5 4.5h-4v11h11v-4M11.5 3.5h5v5M16.2 3.8L9 11',
  refresh: 'M16.3 10a6.3 6.3 0 1 1-1.9-4.5M16.5 2.5v3.3h-3.3',
  offline: 'M3 3l14 14M2.4 8a11 11 0 0 1 15.2 0M5 11.3a7 7 0 0 1 10 0M8 14.3a3 3 0 0 1 4 0M10 16.9v.01',
  debug: 'M7 4H5v4l-2 2 2 2v4h2M13 4h2v4l2 2-2 2v4h-2',
  info: 'M10 9.2v6.3M10 4.6v.01',
  success: check,
  warning: 'M10 2.8l7.8 13.7H2.2zM10 8.2v3.6M10 14v.01',
  error: 'M6.7 2.2h6.6l4.5 4.5v6.6l-4.5 4.5H6.7l-4.5-4.5V6.7zM10 6v4.6M10 13.8v.01',
  custom: 'M3 3h7l7.2 7.2-6.9 6.9L3 9.9zM6.8 6.8v.01',
};

/** @param {string} name */
export const icon = (name) => drawing('0 0 20 20', shapes[name] ?? '');

/**
 * The address, if it is http, https or a path of this site; else nothing, and the message is shown
 * without a link.
 * @param {unknown} url
 * @param {string} page where the link is shown
 * @returns {URL | null}
 */
export function safeLink(url, page) {
  try {
    const text = String(url);
    const link = new URL(text, page);
    // Browsers read `//host`, `/\host` and a path with a tab in it as another host.
    const isPath = text[0] === '/' && link.origin === new URL(page).origin;
    return isPath || /^https?:\/\//i.test(text) ? link : null;
  } catch {
    return null;
  }
}
