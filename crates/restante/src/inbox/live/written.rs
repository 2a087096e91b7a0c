//! Server-sent events as they travel: the format is that of the HTML standard, `text/event-stream`.

use std::io::Write as _;

use serde::Serialize;

use super::mailbox::{Mail, Mark};
use crate::{AsOf, Count, Error, Item, ItemId};

/// What `event: read` says.
#[derive(Serialize)]
struct Marked<'a> {
    /// `null`: whoever shows a list reads it again.
    ids: Option<&'a [ItemId]>,
    unread: bool,
    gone: bool,
}

/// A comment, so that both ends learn that the connection is there.
pub(super) const HEARTBEAT: &[u8] = b":\n\n";

/// How long the reader waits before it comes back after a break, in milliseconds.
pub(super) fn retry(milliseconds: u128, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "retry: {milliseconds}\n\n");
}

/// A message that arrived. `seen` is where the stream goes on after it.
pub(super) fn message(item: &Item, seen: AsOf, out: &mut Vec<u8>) -> Result<(), Error> {
    event("message", Some(seen), item, out)
}

/// What became of items.
pub(super) fn marks(mail: &Mail, out: &mut Vec<u8>) -> Result<(), Error> {
    if mail.several {
        return event("read", None, &Marked { ids: None, unread: false, gone: false }, out);
    }
    for same in mail.marks.chunk_by(|(_, one), (_, next)| one == next) {
        let ids: Vec<_> = same.iter().map(|(id, _)| *id).collect();
        let mark = same[0].1;
        let (unread, gone) = (mark == Mark::Unread, mark == Mark::Gone);
        event("read", None, &Marked { ids: Some(&ids), unread, gone }, out)?;
    }
    Ok(())
}

/// How many are unread now.
pub(super) fn count(count: Count, seen: AsOf, out: &mut Vec<u8>) -> Result<(), Error> {
    event("count", Some(seen), &count, out)
}

fn event(
    name: &str,
    id: Option<AsOf>,
    data: &impl Serialize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let _ = writeln!(out, "event: {name}");
    if let Some(id) = id {
        let _ = writeln!(out, "id: {id}");
    }
    out.extend_from_slice(b"data: ");
    // JSON has no line breaks of its own, so one line holds it.
    serde_json::to_writer(&mut *out, data).map_err(|error| {
        Error::internal("stream", "an event could not be written as JSON").with_source(error)
    })?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}
