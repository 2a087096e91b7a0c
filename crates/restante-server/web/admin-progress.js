// How far a long list is delivered, asked again and again until it is. Without this script the page
// has a link that looks again.

const section = document.querySelector('#delivery');
const grouped = new Intl.NumberFormat('en');

/** @param {string} id @param {string} text */
function tell(id, text) {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

/** @param {{ recipients: number, delivered: number, read: number, percent: number }} progress */
function show({ recipients, delivered, read, percent }) {
  tell('delivered-told', `${grouped.format(delivered)} of ${grouped.format(recipients)} have it`);
  tell('delivered-percent', `${percent} %`);
  tell('delivered', grouped.format(delivered));
  tell('read', grouped.format(read));
  const bar = document.getElementById('delivered-bar');
  if (bar instanceof HTMLProgressElement) bar.value = percent;
}

/** @param {string} address */
async function follow(address) {
  for (let wait = 250; ; ) {
    await new Promise((done) => setTimeout(done, wait));
    const began = performance.now();
    try {
      const answer = await fetch(address, { headers: { accept: 'application/json' } });
      // Signed out, or gone: the page itself says so.
      if (answer.status >= 400 && answer.status < 500) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const progress = await answer.json();
      show(progress);
      if (!progress.is_waiting) {
        tell('delivery-h', 'Delivered');
        tell('delivery-done', 'Delivered to all.');
        document.getElementById('refresh')?.closest('p')?.remove();
        return;
      }
      // To count a million takes the server time: it gets twice as much for other things.
      wait = Math.min(Math.max(1000, 2 * (performance.now() - began)), 10_000);
    } catch {
      // The server is away; the list is delivered all the same.
      wait = 5000;
    }
  }
}

const address = section?.getAttribute('data-ask-at');
if (address) void follow(address);
