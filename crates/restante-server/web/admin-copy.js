// Copies the key that is shown once. Without this script it is selected and copied by hand.

const secret = document.querySelector('#secret');
const button = document.querySelector('#copy');
const told = document.querySelector('#copied');

/** Selects the key, for browsers that let no script copy: those reached without https. */
function select() {
  if (!secret) return;
  const range = document.createRange();
  range.selectNodeContents(secret);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

if (secret && button instanceof HTMLButtonElement && told) {
  const word = button.querySelector('span');
  button.hidden = false;
  button.addEventListener('click', async () => {
    let says = 'Copied';
    try {
      await navigator.clipboard.writeText(secret.textContent ?? '');
    } catch {
      select();
      says = 'Selected: copy it';
    }
    if (word) word.textContent = says;
    told.textContent = says;
  });
}
