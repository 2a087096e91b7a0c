/** One message in the reader's inbox or archive. */
export interface Item {
  /** Its place in the inbox: later ones have higher ids. */
  id: number;
  /** Plain text. */
  message: string;
  level: number;
  /** Empty for a level of the app's own that has no name. */
  level_tag: string;
  tags: string;
  extra_tags: string;
  /** When it was sent, RFC 3339. */
  date: string;
  /** As the sender wrote it: see `safeLink`. */
  url: string | null;
  data: unknown;
  unread: boolean;
  everyone: boolean;
  read_at: string | null;
  expires_at: string | null;
}

export interface Page {
  items: Item[];
  /** Give it as `after` for the next page; null at the end. */
  next: string | null;
  unread: number;
  /** What was visible when the page was made; give it to mark that read. */
  as_of: string;
}

export interface Query {
  view?: 'unread' | 'archive';
  after?: string | null;
  limit?: number;
  level?: string;
  tag?: string;
  q?: string;
}

/** What became of items: read (`unread: false`), unread again, or gone. Without ids several or unknown ones. */
export interface Change {
  ids: number[] | null;
  unread: boolean;
  gone: boolean;
}

export interface Health {
  /** `signed-out`: the server lets this reader in no longer. */
  state: 'connecting' | 'live' | 'polling' | 'offline' | 'error' | 'signed-out';
  /** When it is tried again, in milliseconds since 1970. */
  retryAt?: number;
}

export interface Count {
  unread: number;
  as_of?: string;
}

export type FeedEvent =
  | { type: 'message'; data: Item; id?: string }
  | { type: 'read'; data: Change; id?: string }
  | { type: 'count'; data: Count; id?: string }
  | { type: 'stale'; data?: undefined; id?: string }
  | { type: 'state'; data: Health; id?: string };

export interface ClientOptions {
  /** Where the inbox's routes are; where this module came from unless told otherwise. */
  api?: string | URL;
  /** A token, or what gives one. Without it the browser's cookie counts. */
  token?: import('./session.js').Token;
  /** Seconds between two questions where there is no stream; 20 unless told otherwise. */
  poll?: number;
}
