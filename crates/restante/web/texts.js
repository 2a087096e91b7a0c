// What the bell says, in English. Numbers come twice: to choose the words by, and as they are written.

export const english = {
  title: 'Messages',
  button: (/** @type {number | null} */ n, /** @type {string} */ shown) =>
    n === null ? 'Messages' : n === 0 ? 'Messages, none unread' : `Messages, ${n > 99 ? 'more than 99' : shown} unread`,
  buttonOffline: (/** @type {string} */ button) => `${button} when last online`,
  markAll: 'Mark all read',
  show: 'Show',
  unread: 'Unread',
  all: 'All',
  unreadMark: 'Unread. ',
  newMark: 'New message. ',
  everyone: 'to everyone',
  dismiss: (/** @type {string} */ text) => `Dismiss: ${text}`,
  markRead: (/** @type {string} */ text) => `Mark as read: ${text}`,
  more: 'Show earlier messages',
  openInbox: 'Open inbox',
  loading: 'Loading messages…',
  empty: 'Nothing waiting',
  emptyAll: 'No messages yet',
  emptyHint: 'New messages show up here by themselves.',
  offline: (/** @type {string | null} */ time) => (time ? `Offline. This is what was here at ${time}.` : 'Offline.'),
  failed: (/** @type {number} */ seconds, /** @type {string} */ shown) =>
    seconds > 0 ? `The inbox did not answer. Next try in ${shown} s.` : 'The inbox did not answer. Trying again…',
  signedOut: 'You are signed out. Sign in again to see your messages.',
  retry: 'Try now',
  notDone: 'That did not work. Please try again.',
  toasts: 'New messages',
  closeToast: 'Close this notice; the message stays in the inbox',
  arrived: (/** @type {number} */ n, /** @type {string} */ shown, /** @type {string} */ text) =>
    n === 1 ? `New message: ${text}` : `${shown} new messages`,
  dismissed: 'Dismissed.',
  allRead: 'All marked read.',
  online: 'Online again.',
  levels: /** @type {Record<string, string>} */ ({
    debug: 'Debug', info: 'Info', success: 'Success', warning: 'Warning', error: 'Error', custom: 'Message',
  }),
};

/** @typedef {typeof english} Texts */
