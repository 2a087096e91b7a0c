// Makes what is on the page like what the server would send now, and leaves alone what is the same:
// the focus, the ticked boxes and the reader's place survive.

/**
 * Makes one element like another. Elements with an `id` are found again by it; the rest by their
 * place. Below `data-keep` nothing is touched.
 * @param {Element} old
 * @param {Element} fresh
 */
export function patch(old, fresh) {
  if (old.hasAttribute('data-keep')) return;
  patchAttributes(old, fresh);
  patchChildren(old, fresh);
}

/** @param {Element} old @param {Element} fresh */
function patchAttributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    // Whoever opened a part opened it; what is on its way out is so until the answer.
    const isOwn = name === 'open' || name === 'data-going';
    if (!isOwn && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

/** @param {Element} old @param {Element} fresh */
function patchChildren(old, fresh) {
  const wanted = new Set([...fresh.children].map((child) => child.id));
  // What is gone leaves first, so that nothing that stays has to move: what is moved loses the focus.
  for (const child of [...old.children]) {
    if (child.id && !wanted.has(child.id)) child.remove();
  }
  /** @type {ChildNode | null} */
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const id = node instanceof Element ? node.id : '';
    const known = id && [...old.children].find((child) => child.id === id);
    if (known) {
      while (at && at !== known && !(at instanceof Element && at.id)) at = remove(at);
      if (at !== known) old.insertBefore(known, at);
      at = known;
    }
    if (at && isLike(at, node)) {
      if (at instanceof Element) patch(at, /** @type {Element} */ (node));
      else if (at.nodeValue !== node.nodeValue) at.nodeValue = node.nodeValue;
      at = at.nextSibling;
    } else {
      old.insertBefore(document.importNode(node, true), at);
    }
  }
  while (at) at = remove(at);
}

/** @param {ChildNode} node @returns {ChildNode | null} what came after it */
function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** @param {ChildNode} a @param {ChildNode} b */
function isLike(a, b) {
  if (a.nodeName !== b.nodeName) return false;
  return !(a instanceof Element && b instanceof Element) || a.id === b.id;
}
