//! What other programs do, on whatever database: leaving messages in the outbox, and hearing of what
//! became of them.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::time::{Duration, Instant};

use restante::outbox::{Outbox, send_in};
use restante::{Event, EventKind, Events, Filter, Message, Restante, To};

/// The next event of a kind; others may come before it.
pub(crate) async fn next(events: &mut Events, kind: EventKind) -> Event {
    let found = async {
        loop {
            let event = events.recv().await.unwrap();
            if event.kind == kind {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found).await.unwrap()
}

/// Leaves what must never be seen, since its transaction does not commit.
pub(crate) async fn leave_what_is_rolled_back(tx: &mut (impl Outbox + ?Sized)) {
    send_in(tx, Message::info("never").stored(), "alice").await.unwrap();
}

/// Leaves messages in a transaction that is to commit, beside one that is refused.
pub(crate) async fn leave_several(tx: &mut (impl Outbox + ?Sized)) {
    let paid = Message::success("Paid ✓").stored().tag("order").url("/orders/2").data(2);
    send_in(tx, paid, "alice").await.unwrap();
    send_in(tx, Message::info("to both"), ["alice", "bob"]).await.unwrap();
    send_in(tx, Message::info("to all"), To::everyone()).await.unwrap();
    let refused = send_in(tx, Message::info(""), "alice").await.unwrap_err();
    assert_eq!(refused.field(), Some("message"));
}

/// What [`leave_several`] left arrives by itself, whole and in order, and nothing else does.
pub(crate) async fn several_arrive(restante: &Restante, events: &mut Events) {
    while next(events, EventKind::Broadcast).await.message.unwrap().text() != "to all" {}
    let alice = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    let texts: Vec<_> = alice.items.iter().map(|item| item.message.text()).collect();
    assert_eq!(texts, ["to all", "to both", "Paid ✓"]);
    let paid = &alice.items[2].message;
    assert_eq!((paid.link(), paid.extra_tags()), (Some("/orders/2"), "order"));
    assert_eq!(paid.raw_data().unwrap().get(), "2");
    assert_eq!(restante.inbox("bob").unwrap().count().await.unwrap().unread, 2);
}

/// Leaves rows one by one and gives how long it took at the median until each was sent. `leave` gets
/// the text.
pub(crate) async fn relayed_after(
    events: &mut Events,
    mut leave: impl AsyncFnMut(&str),
) -> Duration {
    let mut took = Vec::new();
    for n in 0..21 {
        let (text, began) = (n.to_string(), Instant::now());
        leave(&text).await;
        let event = next(events, EventKind::Stored).await;
        assert_eq!(event.message.unwrap().text(), text);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    eprintln!("relayed after {:?} at the median, {:?} at most", took[10], took[20]);
    took[10]
}
