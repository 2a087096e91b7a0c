//! Hints as they travel from process to process.
//!
//! A payload is lines of text: who tells (to be passed over by itself), then one line a hint. What
//! was sent is told by its positions alone; whoever wants to know more reads the log.

use super::Change;
use crate::{Event, EventKind, ItemId, MessageId, UserId};

/// What a payload says to the process with this number.
pub(super) fn read(payload: &str, own: u64) -> Vec<Change> {
    let mut lines = payload.lines();
    if lines.next() == Some(&format!("{own:x}")) {
        return Vec::new();
    }
    lines.map(|line| change(line).unwrap_or(Change::Anything)).collect()
}

/// `None` for what a newer version may say.
fn change(line: &str) -> Option<Change> {
    let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
    let number = |text: &str| text.parse::<i64>().ok();
    Some(match kind {
        "w" => Change::Work,
        "s" => {
            let (first, last) = rest.split_once(' ')?;
            Change::Sent { first: number(first)?, last: number(last)? }
        }
        "x" => {
            let mut event = Event::new(EventKind::Retracted);
            event.message_id = Some(MessageId::new(number(rest)?));
            Change::Event(event)
        }
        _ => {
            let (id, user) = rest.split_once(' ')?;
            let kind = match kind {
                "r" => EventKind::Read,
                "u" => EventKind::Unread,
                "a" => EventKind::AllRead,
                "d" => EventKind::Dismissed,
                _ => return None,
            };
            let event = Event::of(kind, &UserId::new(user).ok()?);
            let id = number(id)?;
            Change::Event(if id == 0 { event } else { event.about(ItemId::new(id)) })
        }
    })
}
