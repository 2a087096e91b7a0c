// Nodes from names, attributes and texts; nothing here reads HTML.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | ((event: any) => void) | null | undefined>} [attributes] functions are listeners
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, '');
    else if (value) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Shapes on a grid of 20, drawn as lines. @type {Record<string, string>} */
const shapes = {
  bell: 'M10 2.75A4.75 4.75 0 0 0 5.25 7.5v2.4c0 .8-.25 1.55-.7 2.2L3.25 14h13.5l-1.3-1.9a3.9 3.9 0 0 1-.7-2.2V7.5A4.75 4.75 0 0 0 10 2.75zM8 16.75a2.2 2.2 0 0 0 4 0',
  checks: 'M1.5 10.5l3.7 4 7-9M9.3 13.3l1.1 1.2 7.6-9',
  check: 'M4 10.5l4 4 8-9',
  x: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  out: 'M8.5 4.5h-4v11h11v-4M11.5 3.5h5v5M16.2 3.8L9 11',
  refresh: 'M16.3 10a6.3 6.3 0 1 1-1.9-4.5M16.5 2.5v3.3h-3.3',
  offline: 'M3 3l14 14M2.4 8a11 11 0 0 1 3.8-2.2M9.3 4.9A11 11 0 0 1 17.6 8M5 11.3a7 7 0 0 1 3.2-1.8M12.6 9.8a7 7 0 0 1 2.4 1.5M8 14.3a3 3 0 0 1 4 0M10 16.9v.01',
  info: 'M10 9.2v6.3M10 4.6v.01',
  success: 'M4 10.5l4 4 8-9',
  warning: 'M10 2.8l7.8 13.7H2.2zM10 8.2v3.6M10 14v.01',
  error: 'M6.7 2.2h6.6l4.5 4.5v6.6l-4.5 4.5H6.7l-4.5-4.5V6.7zM10 6v4.6M10 13.8v.01',
  debug: 'M7 3.5c-3 0-1.2 4.7-3.8 6.5C5.8 11.8 4 16.5 7 16.5M13 3.5c3 0 1.2 4.7 3.8 6.5-2.6 1.8-.8 6.5-3.8 6.5',
  tag: 'M3 3h7l7.2 7.2-6.9 6.9L3 9.9zM6.8 6.8v.01',
};

/** @param {string} path @param {string} box @param {Record<string, string>} attributes */
export function drawing(path, box, attributes) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  for (const [name, value] of Object.entries({ viewBox: box, 'aria-hidden': 'true', ...attributes })) svg.setAttribute(name, value);
  const line = svg.appendChild(document.createElementNS(space, 'path'));
  line.setAttribute('d', path);
  return svg;
}

/** @param {string} name */
export function icon(name) {
  return drawing(shapes[name] ?? '', '0 0 20 20', { class: 'r-i', part: 'icon' });
}
