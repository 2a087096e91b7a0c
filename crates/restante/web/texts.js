// What the bell says, in English. Numbers come twice: to choose the words by, and as they are written.

export const english = {
  title: 'Messages',
  button: (/** @type {number | null} */ n, /** @type {string} */ shown, /** @type {boolean} */ isOffline) =>
    n === null ? 'Messages' : `Messages, ${n ? (n > 99 ? 'more than 99' : shown) : 'none'} unread${isOffline ? ' when last online' : ''}`,
  markAll: 'Mark all read',
  show: 'Show',
  unread: 'Unread',
  all: 'All',
  unreadMark: 'Unread. ',
  everyone: 'to everyone',
  dismiss: (/** @type {string} */ text) => `Dismiss: ${text}`,
  markRead: (/** @type {string} */ text) => `Mark as read: ${text}`,
  more: 'Show earlier messages',
  openInbox: 'Open inbox',
  loading: 'Loading messages…',
  empty: 'Nothing waiting',
  emptyAll: 'No messages yet',
  emptyHint: 'New messages show up here by themselves.',
  offline: (/** @type {string | null} */ time) => `Offline.${time ? ` This is what was here at ${time}.` : ''}`,
  failed: (/** @type {number} */ seconds, /** @type {string} */ shown) =>
    `The inbox did not answer. ${seconds ? `Next try in ${shown} s.` : 'Trying again…'}`,
  signedOut: 'Sign in again to see your messages.',
  retry: 'Try now',
  notDone: 'That did not work. Please try again.',
  toasts: 'New messages',
  closeToast: 'Close this notice',
  arrived: (/** @type {number} */ n, /** @type {string} */ shown, /** @type {string} */ text) =>
    n > 1 ? `${shown} new messages` : `New message: ${text}`,
  dismissed: 'Dismissed.',
  allRead: 'All marked read.',
  online: 'Online again.',
  /** Levels by their tag: those that are not here begin with a capital. @type {Record<string, string>} */
  levels: { custom: 'Message' },
};

/** @typedef {typeof english} Texts */
