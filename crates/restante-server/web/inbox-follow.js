// Hears when something changes in the inbox, by the client that the bell has too: over one stream for
// all tabs, or by asking now and then where there is none.

/** @typedef {'live' | 'poll' | 'offline' | 'ended'} State */
/** @typedef {import('../../restante/web/types.d.ts').Item} Item */
/** @typedef {typeof import('../../restante/web/restante-client.js')} Client */

/**
 * @typedef {object} Listener
 * @property {() => void} changed what is shown may be old
 * @property {(id: number) => void} arrived this message is new
 * @property {(unread: number) => void} counted so many are unread now
 * @property {(state: State) => void} state
 */

/** In seconds. */
const POLL = 15;

/** @type {Record<string, State>} */
const STATES = { live: 'live', polling: 'poll', error: 'offline', offline: 'offline', 'signed-out': 'ended' };

/**
 * Listens from here on.
 * @param {string} api where the server's JSON is
 * @param {() => string} since what has been shown: the `as_of` of the page
 * @param {Listener} listener
 * @returns {Promise<{ tellOthers: () => void }>} tells the other tabs that this one changed something
 */
export async function follow(api, since, listener) {
  /** @type {Client} */
  const { RestanteClient } = await import(`${api}/bell/restante-client.js`);
  const client = new RestanteClient({ api, poll: POLL });
  /** @type {Record<string, (detail: any) => void>} */
  const hear = {
    message: (/** @type {Item} */ { id, unread }) => {
      if (unread) listener.arrived(id);
      listener.changed();
    },
    read: listener.changed,
    // Somebody else is signed in: the page finds out when it is asked for anew.
    reader: listener.changed,
    count: ({ unread }) => listener.counted(unread),
    stale: () => {
      // Mostly the client only begins, and nothing came since the page was written.
      if (client.health.state !== 'connecting' || client.asOf !== since()) listener.changed();
    },
    state: ({ state }) => {
      const known = STATES[state];
      if (known) listener.state(known);
    },
  };
  client.listen(Object.keys(hear), (type, detail) => hear[type]?.(detail));
  return {
    tellOthers() {
      // A stream tells them by itself.
      if (client.health.state === 'polling') client.retry();
    },
  };
}
