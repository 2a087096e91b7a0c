//! Listeners themselves: whom they hear, how slow they may be, how they end.

use futures_util::StreamExt;
use restante::{EventKind, Filter, Message, To};

use crate::ground::{Ground, inbox, next, on_each_store, soon, told_already};

#[tokio::test]
async fn an_inbox_hears_of_itself_and_of_everyone() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let alice = restante.inbox("alice").unwrap();
        let mut events = alice.subscribe();
        let for_bob = restante.send(Message::info("for bob"), "bob").await.unwrap();
        let bob = restante.inbox("bob").unwrap();
        let page = bob.list(Filter::unread()).await.unwrap();
        bob.mark_read(page.items[0].id).await.unwrap();
        bob.mark_unread(page.items[0].id).await.unwrap();
        bob.mark_all_read(&bob.count().await.unwrap().as_of).await.unwrap();
        bob.dismiss(page.items[0].id).await.unwrap();
        assert!(told_already(&mut events).is_none(), "woken for somebody else");

        restante.send(Message::info("for both"), ["alice", "bob"]).await.unwrap();
        restante.send(Message::info("for all"), To::everyone()).await.unwrap();
        // Whose it was is not known any more when it is gone.
        restante.retract(for_bob.id).await.unwrap();
        let kinds = [EventKind::Stored, EventKind::Broadcast, EventKind::Retracted];
        for kind in kinds {
            let event = next(&mut events).await;
            assert_eq!(event.kind, kind);
            assert!(event.user.is_none_or(|user| user.as_str() == "alice"));
        }
        assert!(told_already(&mut events).is_none());
    })
    .await;
}

#[tokio::test]
async fn every_listener_hears_it() {
    let restante = Ground::memory().quiet();
    let alice = restante.inbox("alice").unwrap();
    let mut listeners = vec![
        restante.subscribe(),
        alice.subscribe(),
        alice.subscribe(),
        restante.clone().subscribe(),
    ];
    restante.send(Message::info("one"), "alice").await.unwrap();
    for events in &mut listeners {
        assert_eq!(next(events).await.message.unwrap().text(), "one");
    }
}

/// It does not hold up senders or other listeners, and is right again after one read.
#[tokio::test]
async fn a_slow_listener_loses_hints_and_nothing_else() {
    const MANY: usize = 1_000;
    let restante = Ground::memory().quiet();
    let (mut slow, mut quick) = (restante.subscribe(), restante.subscribe());
    let alice = restante.inbox("alice").unwrap();
    for number in 0..MANY {
        soon(restante.send(Message::info(format!("{number}")), "alice").into_future())
            .await
            .unwrap();
        assert_eq!(next(&mut quick).await.message.unwrap().text(), number.to_string());
    }
    let mut heard = 0;
    while let Some(event) = told_already(&mut slow) {
        assert_eq!(
            event.message.unwrap().text(),
            heard.to_string(),
            "the first are kept, in order"
        );
        heard += 1;
    }
    assert!((1..MANY).contains(&heard), "{heard} of {MANY}");
    assert_eq!(alice.count().await.unwrap().unread, MANY as u64);
    restante.send(Message::info("next"), "alice").await.unwrap();
    assert_eq!(next(&mut slow).await.message.unwrap().text(), "next");
}

#[tokio::test]
async fn listening_ends_with_the_service() {
    on_each_store(async |ground| {
        for restante in [ground.quiet(), ground.service()] {
            let mut all = restante.subscribe();
            let mut alice = restante.inbox("alice").unwrap().subscribe();
            let clone = restante.clone();
            restante.send(Message::info("one"), "alice").await.unwrap();
            drop(restante);
            clone.send(Message::info("two"), "alice").await.unwrap();
            drop(clone);
            // What was told is still there.
            for events in [&mut all, &mut alice] {
                for text in ["one", "two"] {
                    assert_eq!(next(events).await.message.unwrap().text(), text);
                }
                assert!(soon(events.next()).await.is_none());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_dropped_listener_is_no_matter() {
    let restante = Ground::memory().quiet();
    let alice = restante.inbox("alice").unwrap();
    let (first, mut second) = (alice.subscribe(), alice.subscribe());
    drop((first, restante.subscribe()));
    restante.send(Message::info("one"), "alice").await.unwrap();
    assert_eq!(next(&mut second).await.kind, EventKind::Stored);
    drop(second);
    restante.send(Message::info("two"), "alice").await.unwrap();
    assert_eq!(inbox(&restante, "alice").await, ["one", "two"]);
    let mut late = alice.subscribe();
    assert!(told_already(&mut late).is_none(), "from now on means from now on");
}
