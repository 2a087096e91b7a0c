//! What a listener of everything is told: each thing once, when it can be read.

use restante::{Event, EventKind, Events, Filter, ItemId, Message, To};

use crate::ground::{Ground, next, on_each_store, reached, told, told_already};

fn nothing(events: &mut Events) {
    let event = told_already(events);
    assert!(event.is_none(), "told of something more: {event:?}");
}

#[tokio::test]
async fn one_message_is_told_once() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let mut events = restante.subscribe();
        let sent = restante.send(Message::info("one"), "alice").key("k").await.unwrap();
        let item = ItemId::new(sent.id.value());
        let event = next(&mut events).await;
        let (user, text) = (Some("alice".to_owned()), Some("one".to_owned()));
        assert_eq!(told(&event), (EventKind::Stored, user, Some(item), text));
        assert_eq!(event.message_id, Some(sent.id));
        nothing(&mut events);

        let again = restante.send(Message::info("one"), "alice").key("k").await.unwrap();
        assert!(again.repeated);
        let refused = restante.send(Message::info("other"), "alice").key("k").await;
        assert!(refused.unwrap_err().is_conflict());
        nothing(&mut events);
    })
    .await;
}

#[tokio::test]
async fn a_short_list_is_told_by_name() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let mut events = restante.subscribe();
        let sent = restante.send(Message::info("list"), ["bob", "alice", "bob"]).await.unwrap();
        for user in ["alice", "bob"] {
            let event = next(&mut events).await;
            assert_eq!(event.user.as_ref().unwrap().as_str(), user);
            assert_eq!(event.message_id, Some(sent.id));
            let item = restante.inbox(user).unwrap().get(event.id.unwrap()).await.unwrap();
            assert_eq!(item.message.text(), "list");
        }
        nothing(&mut events);
    })
    .await;
}

#[tokio::test]
async fn a_long_list_is_told_part_by_part() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let names = ["a", "b", "c", "d", "e"];
        let mut events = restante.subscribe();
        let sent = restante.send(Message::info("long"), names).await.unwrap();
        assert_eq!(sent.waiting, 5);
        nothing(&mut events);
        let mut parts = Vec::new();
        assert_eq!(restante.deliver_waiting(|part| parts.push(part)).await.unwrap(), 5);
        assert_eq!(parts, [2, 2, 1]);
        let mut left = names.to_vec();
        for _ in names {
            let event = next(&mut events).await;
            assert_eq!((event.kind, event.message_id), (EventKind::Stored, Some(sent.id)));
            let user = event.user.unwrap();
            left.retain(|name| *name != user.as_str());
            let item = restante.inbox(user).unwrap().get(event.id.unwrap()).await.unwrap();
            assert_eq!(item.message.text(), "long");
        }
        assert!(left.is_empty(), "{left:?} were not told");
        nothing(&mut events);
    })
    .await;
}

#[tokio::test]
async fn a_broadcast_is_told_once_whoever_there_is() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        restante.send(Message::info("known"), ["alice", "bob"]).await.unwrap();
        let mut events = restante.subscribe();
        let sent = restante.send(Message::info("all"), To::everyone()).await.unwrap();
        let event = next(&mut events).await;
        let item = ItemId::new(sent.id.value());
        let text = Some("all".to_owned());
        assert_eq!(told(&event), (EventKind::Broadcast, None, Some(item), text));
        assert_eq!(event.message_id, Some(sent.id));
        nothing(&mut events);
    })
    .await;
}

#[tokio::test]
async fn the_outbox_is_told_when_it_is_relayed() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let mut events = restante.subscribe();
        for (recipient, text) in [("alice", "one"), ("*", "two"), ("", "bad"), ("bob", "three")] {
            ground.leave(recipient, text);
        }
        nothing(&mut events);
        assert_eq!(restante.relay().await.unwrap(), 3);
        for (kind, user, text) in [
            (EventKind::Stored, Some("alice"), "one"),
            (EventKind::Broadcast, None, "two"),
            (EventKind::Stored, Some("bob"), "three"),
        ] {
            let event = next(&mut events).await;
            let (got_kind, got_user, item, got_text) = told(&event);
            assert_eq!(
                (got_kind, got_user.as_deref(), got_text.as_deref()),
                (kind, user, Some(text))
            );
            let inbox = restante.inbox(user.unwrap_or("anybody")).unwrap();
            assert_eq!(inbox.get(item.unwrap()).await.unwrap().message.text(), text);
        }
        nothing(&mut events);
    })
    .await;
}

#[tokio::test]
async fn what_a_user_does_is_told_if_it_changes_anything() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let sent = restante.send(Message::info("one"), "alice").await.unwrap();
        let mut events = restante.subscribe();
        let alice = restante.inbox("alice").unwrap();
        let item = ItemId::new(sent.id.value());
        let as_of = alice.list(Filter::unread()).await.unwrap().as_of;
        let mut expect = async |kind, id| {
            let event = next(&mut events).await;
            assert_eq!(told(&event), (kind, Some("alice".to_owned()), id, None));
            nothing(&mut events);
        };

        assert!(alice.mark_read(item).await.unwrap());
        assert!(!alice.mark_read(item).await.unwrap());
        expect(EventKind::Read, Some(item)).await;
        assert!(alice.mark_unread(item).await.unwrap());
        assert!(!alice.mark_unread(item).await.unwrap());
        expect(EventKind::Unread, Some(item)).await;
        assert!(alice.mark_all_read(&as_of).await.unwrap());
        assert!(!alice.mark_all_read(&as_of).await.unwrap());
        expect(EventKind::AllRead, None).await;
        assert!(alice.dismiss(item).await.unwrap());
        assert!(!alice.dismiss(item).await.unwrap());
        expect(EventKind::Dismissed, Some(item)).await;
    })
    .await;
}

#[tokio::test]
async fn retracting_is_told_to_everyone() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let sent = restante.send(Message::info("oops"), "alice").sender("shop").await.unwrap();
        let mut events = restante.subscribe();
        assert!(!restante.retract_as(sent.id, Some("other")).await.unwrap());
        assert!(restante.retract_as(sent.id, Some("shop")).await.unwrap());
        assert!(!restante.retract(sent.id).await.unwrap());
        let event = next(&mut events).await;
        assert_eq!(told(&event), (EventKind::Retracted, None, None, None));
        assert_eq!(event.message_id, Some(sent.id));
        nothing(&mut events);
    })
    .await;
}

/// Whoever is told and looks, by a connection of its own, finds what it was told of.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_before_it_is_committed() {
    const MESSAGES: usize = 60;
    let ground = Ground::sqlite().await;
    let restante = ground.quiet();
    let mut events = restante.subscribe();
    let other = ground.second_handle().await;
    let listener = tokio::spawn(async move {
        for _ in 0..MESSAGES * 2 {
            let Event { user, id, .. } = next(&mut events).await;
            let (now, user) = (std::time::SystemTime::now(), user.unwrap());
            let item = other.get(now, &user, id.unwrap()).await.unwrap();
            assert!(item.is_some(), "{user:?} was told too early");
        }
    });
    let lists = (0..MESSAGES).map(|n| {
        let request = restante.send(Message::info(format!("{n}")), ["alice", "bob"]);
        tokio::spawn(request.into_future())
    });
    for list in lists.collect::<Vec<_>>() {
        list.await.unwrap().unwrap();
    }
    listener.await.unwrap();
}

/// Two services on one file are two processes: hints do not cross, the messages do.
#[tokio::test]
async fn other_processes_are_not_heard() {
    let ground = Ground::sqlite().await;
    let (here, there) =
        (ground.quiet(), restante::Restante::from_arc(ground.second_handle().await));
    let mut events = here.subscribe();
    there.send(Message::info("from there"), "alice").await.unwrap();
    here.send(Message::info("from here"), "alice").await.unwrap();
    assert_eq!(reached(&mut events, 1).await, ["alice"]);
    nothing(&mut events);
    assert_eq!(crate::ground::inbox(&here, "alice").await, ["from there", "from here"]);
}
