// The bell comes from Restante's server, which is behind the same origin; the token from this site,
// which knows who is signed in.
import '/v1/bell/restante-bell.js';

document.querySelector('restante-bell').token = async () => {
  const csrf = document.querySelector('[name=csrfmiddlewaretoken]').value;
  const answer = await fetch('/token', { method: 'POST', headers: { 'X-CSRFToken': csrf } });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.text();
};
