//! Hints for other processes, gathered for one NOTIFY. `store/hints.rs` says what a payload is.

use std::fmt::Write;

use crate::{EventKind, ItemId, MessageId, UserId};

/// PostgreSQL takes 8,000 bytes.
const PAYLOAD: usize = 7_500;
/// Most payloads of one transaction; more are replaced by one that says "anything".
const PAYLOADS: usize = 16;

/// Tells all who listen to this schema's channel: a name of its own for each, so that two apps in
/// two schemas of one database do not hear each other.
pub(super) const TELL: &str = "
    SELECT pg_notify('restante_' || md5(current_schema()), payload)
    FROM unnest($1::text[]) hints(payload)";
pub(super) const CHANNEL: &str = "SELECT 'restante_' || md5(current_schema())";

/// What a transaction has to tell.
#[derive(Debug, Default)]
pub(super) struct Hints {
    sent: Option<(i64, i64)>,
    lines: Vec<String>,
}

impl Hints {
    /// Something was sent. Nobody else sends in between, so the positions are a range.
    pub(super) fn sent(&mut self, position: i64) {
        let (first, _) = self.sent.unwrap_or((position, position));
        self.sent = Some((first, position));
    }

    pub(super) fn changed(&mut self, kind: EventKind, user: &UserId, id: Option<ItemId>) {
        let kind = match kind {
            EventKind::Read => 'r',
            EventKind::Unread => 'u',
            EventKind::AllRead => 'a',
            EventKind::Dismissed => 'd',
            _ => return,
        };
        let id = id.map_or(0, ItemId::value);
        self.lines.push(format!("{kind} {id} {user}"));
    }

    pub(super) fn retracted(&mut self, id: MessageId) {
        self.lines.push(format!("x {}", id.value()));
    }

    /// The payloads, from a process with this number.
    pub(super) fn payloads(&mut self, origin: u64) -> Vec<String> {
        let mut lines = std::mem::take(&mut self.lines);
        if let Some((first, last)) = self.sent.take() {
            lines.push(format!("s {first} {last}"));
        }
        let (mut payloads, mut payload) = (Vec::new(), format!("{origin:x}"));
        let head = payload.len();
        for line in &lines {
            if payload.len() + line.len() >= PAYLOAD {
                payloads.push(std::mem::replace(&mut payload, format!("{origin:x}")));
            }
            let _ = write!(payload, "\n{line}");
        }
        if payload.len() > head {
            payloads.push(payload);
        }
        if payloads.len() > PAYLOADS { vec![format!("{origin:x}\n?")] } else { payloads }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Change;
    use crate::store::hints::read;

    #[test]
    fn hints_survive_the_journey_but_not_to_oneself() {
        let mut hints = Hints::default();
        let user = UserId::new("a b").unwrap();
        hints.changed(EventKind::Read, &user, Some(ItemId::new(12)));
        hints.changed(EventKind::AllRead, &user, None);
        hints.retracted(MessageId::new(7));
        hints.sent(20);
        hints.sent(23);
        let payloads = hints.payloads(255);
        assert_eq!(payloads.len(), 1);
        assert!(read(&payloads[0], 255).is_empty());
        let changes = read(&payloads[0], 1);
        assert_eq!(changes.len(), 4);
        let Change::Event(event) = &changes[0] else { panic!("{changes:?}") };
        assert_eq!((event.kind, event.user.as_ref()), (EventKind::Read, Some(&user)));
        assert_eq!(event.id, Some(ItemId::new(12)));
        assert!(matches!(changes[3], Change::Sent { first: 20, last: 23 }));
        assert!(hints.payloads(255).is_empty());
        assert!(matches!(read("\nw", 255)[..], [Change::Work]));
        assert!(matches!(read("0\nfrom a newer one", 255)[..], [Change::Anything]));
    }

    #[test]
    fn many_hints_are_several_payloads_and_too_many_are_one() {
        let mut hints = Hints::default();
        let user = UserId::new("u".repeat(191)).unwrap();
        let mut tell = |times| {
            (0..times).for_each(|_| hints.changed(EventKind::Read, &user, Some(ItemId::new(2))));
            hints.payloads(1)
        };
        let several = tell(100);
        assert!(several.len() > 1 && several.iter().all(|payload| payload.len() < 8_000));
        assert_eq!(several.iter().map(|payload| read(payload, 2).len()).sum::<usize>(), 100);
        let [one] = &tell(10_000)[..] else { panic!("more than one") };
        assert!(matches!(read(one, 2)[..], [Change::Anything]));
    }
}
