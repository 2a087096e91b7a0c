//! The limits of every input, in one place. Past them a call is refused with the field named.

/// Longest text of a message, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 16 * 1024;
/// Longest list of recipients.
pub const RECIPIENTS: usize = 1_000_000;
/// Most items on a page.
pub const PAGE_ITEMS: usize = 100;
/// Longest url, in characters.
pub const URL_CHARS: usize = 2_000;
/// Most tags of a message.
pub const TAGS: usize = 16;
/// Longest tag, in bytes.
pub const TAG_BYTES: usize = 64;
/// Longest JSON data of a message, in bytes as written.
pub const DATA_BYTES: usize = 8 * 1024;
/// Most lists and objects of a message's JSON data that are inside each other.
pub const DATA_DEPTH: usize = 32;
/// Longest idempotency key, sender or follower's name, in bytes.
pub const KEY_BYTES: usize = 255;
/// Longest user id, in bytes.
pub const USER_BYTES: usize = 191;
/// Longest search text of a filter, in bytes.
pub const QUERY_BYTES: usize = 255;
/// Most items marked read in one call.
pub const MARKED_ITEMS: usize = 1_000;
/// Most items that one filtered page looks at; it may be short with a cursor to go on.
pub const SCANNED_ITEMS: usize = 2_000;
/// Longest body of a request to the inbox routes, in bytes.
pub const BODY_BYTES: usize = 64 * 1024;
