// What an app does with the bell. The address of the page says which part of it a test is about.
const query = new URLSearchParams(location.search);
const bell = /** @type {any} */ (document.querySelector('restante-bell'));

// Set before the browser knows the element.
if (query.has('token')) bell.token = async () => (await fetch('/token')).text();
for (const name of ['toasts', 'theme', 'inbox', 'poll', 'api', 'lang']) {
  const value = query.get(name);
  if (value !== null) bell.setAttribute(name, value);
}

const heard = Object.assign(globalThis, { heard: /** @type {{ type: string, detail: any }[]} */ ([]) }).heard;
for (const type of ['message', 'read', 'count', 'dismiss', 'open', 'error']) {
  document.addEventListener(`restante:${type}`, (event) => {
    heard.push({ type, detail: /** @type {CustomEvent} */ (event).detail });
  });
}

const modules = new URL(query.get('from') ?? '/app/messages/bell/', location.href);
if (query.has('arabic')) bell.texts = (await import(new URL('texts-ar.js', modules).href)).arabic;
await import(new URL('restante-bell.js', modules).href);
