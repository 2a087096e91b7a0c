//! The live stream of one inbox.

use std::time::{Duration, SystemTime};

use restante::testing::FixedClock;
use restante::{AsOf, Filter, MemoryStore, Message, Restante, To, User, UserId};
use serde_json::json;

use crate::live::{Reader, marks_are_told, nothing_is_lost_or_told_twice};

fn service() -> Restante {
    Restante::new(MemoryStore::new())
}

#[tokio::test]
async fn a_stream_begins_with_the_count_and_tells_what_happens() {
    let restante = service();
    restante.send(Message::info("there already"), "alice").await.unwrap();
    let mut reader = Reader::open(&restante, "alice", None);
    let first = reader.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data["unread"]), ("count", &json!(1)));
    assert!(first.id.is_some());

    let message = Message::success("Saved").tag("a").url("/x").data(7);
    restante.send(message, ["alice", "bob"]).await.unwrap();
    let told = reader.until_count().await;
    let names: Vec<_> = told.iter().map(|told| told.name.as_str()).collect();
    assert_eq!(names, ["message", "count"]);
    let inbox = restante.inbox("alice").unwrap();
    let page = inbox.list(Filter::unread()).await.unwrap();
    assert_eq!(told[0].data, serde_json::to_value(&page.items[0]).unwrap(), "as in a page");
    assert_eq!(told[1].data, serde_json::to_value(inbox.count().await.unwrap()).unwrap());

    let [new, old] = [page.items[0].id, page.items[1].id];
    inbox.mark_read(new).await.unwrap();
    inbox.mark_read(old).await.unwrap();
    let told = reader.until_count().await;
    assert_eq!(told[0].data, json!({ "ids": [new, old], "unread": false, "gone": false }));
    assert_eq!(told[1].data["unread"], 0);
    inbox.mark_unread(old).await.unwrap();
    let told = reader.until_count().await;
    assert_eq!(told[0].data, json!({ "ids": [old], "unread": true, "gone": false }));
    inbox.dismiss(new).await.unwrap();
    let told = reader.until_count().await;
    assert_eq!(told[0].data, json!({ "ids": [new], "unread": false, "gone": true }));
    inbox.mark_all_read(&page.as_of).await.unwrap();
    inbox.mark_all_read(&inbox.count().await.unwrap().as_of).await.unwrap();
    let told = reader.until_count().await;
    assert_eq!(told[0].data, json!({ "ids": null, "unread": false, "gone": false }));
}

/// By the hint, and not by the next heartbeat, which is five seconds away at least.
#[tokio::test]
async fn a_reader_that_waits_already_is_woken() {
    let restante = service();
    let mut reader = Reader::open(&restante, "alice", None);
    reader.until_count().await;
    let waiting = tokio::spawn(async move { reader.next_of("message").await });
    // On this one thread, it runs until it waits.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    restante.send(Message::info("here"), "alice").await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(3), waiting).await;
    assert_eq!(told.expect("woken").unwrap()["message"], "here");
}

#[tokio::test]
async fn what_was_read_elsewhere_meanwhile_is_told_all_the_same() {
    let restante = service();
    restante.send(Message::info("shown"), "alice").await.unwrap();
    let inbox = restante.inbox("alice").unwrap();
    // Then its `as_of` is older than the item.
    inbox.mark_read(inbox.list(Filter::unread()).await.unwrap().items[0].id).await.unwrap();
    let mut reader = Reader::open(&restante, "alice", None);
    reader.until_count().await;
    let last = reader.last_id.take();
    drop(reader);
    restante.send(Message::info("meanwhile"), "alice").await.unwrap();
    restante.send(Message::info("and to all"), To::everyone()).await.unwrap();
    inbox.mark_read(inbox.list(Filter::unread()).await.unwrap().items[1].id).await.unwrap();

    let mut reader = Reader::open(&restante, "alice", last.as_deref());
    let told = reader.until_count().await;
    let texts: Vec<_> =
        told[..2].iter().map(|told| (&told.data["message"], &told.data["unread"])).collect();
    assert_eq!(texts, [(&json!("meanwhile"), &json!(false)), (&json!("and to all"), &json!(true))]);
    assert_eq!((told.len(), &told[2].data["unread"]), (3, &json!(1)));
}

/// More than a page, more than is looked at first, and broken off in the middle.
#[tokio::test]
async fn a_long_absence_is_made_up_for_in_order() {
    let restante = service();
    for n in 0..1_003 {
        let to = if n % 50 == 7 { To::everyone() } else { To::from("alice") };
        restante.send(Message::info(n.to_string()), to).await.unwrap();
    }
    let mut reader = Reader::open(&restante, "alice", Some(&AsOf::default().to_string()));
    for n in 0..1_003 {
        if n == 300 || n == 1_001 {
            let last = reader.last_id.clone();
            reader = Reader::open(&restante, "alice", last.as_deref());
        }
        assert_eq!(reader.next_of("message").await["message"], n.to_string());
    }
    assert_eq!(reader.next().await.unwrap().data["unread"], 1_003);
}

#[tokio::test]
async fn a_stream_hears_of_its_own_user_and_of_everyone_alone() {
    let restante = service();
    let mut reader = Reader::open(&restante, "alice", None);
    reader.until_count().await;
    restante.send(Message::info("for bob"), "bob").await.unwrap();
    restante.inbox("bob").unwrap().mark_all_read(&AsOf::default()).await.unwrap();
    restante.send(Message::info("for all"), To::everyone()).await.unwrap();
    let told = reader.until_count().await;
    assert_eq!((told.len(), &told[0].data["message"]), (2, &json!("for all")));
}

#[tokio::test]
async fn a_newcomer_is_not_told_of_what_was_before() {
    let restante = service();
    let joined = SystemTime::now() + Duration::from_secs(3600);
    let inbox = restante.inbox(User::new("carol").joined(joined)).unwrap();
    let mut reader = Reader::new(inbox.event_stream(None).unwrap());
    reader.until_count().await;
    restante.send(Message::info("too early"), To::everyone()).await.unwrap();
    restante.send(Message::info("hers"), "carol").await.unwrap();
    assert_eq!(reader.next_of("message").await["message"], "hers");
}

#[tokio::test]
async fn a_stream_ends_with_its_user_s_tokens() {
    let restante = service();
    let (alice, bob) = (UserId::new("alice").unwrap(), UserId::new("bob").unwrap());
    let open = |user: &UserId| Reader::open(&restante, user.as_str(), None);
    let (mut hers, mut also_hers, mut his) = (open(&alice), open(&alice), open(&bob));
    for reader in [&mut hers, &mut also_hers, &mut his] {
        reader.until_count().await;
    }
    restante.end_tokens(&alice).await.unwrap();
    assert!(hers.next().await.is_none() && also_hers.next().await.is_none());
    restante.send(Message::info("still there"), "bob").await.unwrap();
    assert_eq!(his.next_of("message").await["message"], "still there");
    his.until_count().await;
    restante.forget("bob").await.unwrap();
    assert!(his.next().await.is_none());
}

/// Another process ended them, and nobody told: noticed with a heartbeat.
#[tokio::test(start_paused = true)]
async fn a_stream_notices_that_tokens_were_ended_elsewhere() {
    let clock = FixedClock::default();
    let restante = service().with_clock(clock.clone());
    let alice = UserId::new("alice").unwrap();
    let mut reader = Reader::open(&restante, "alice", None);
    reader.until_count().await;
    restante.store().end_tokens(restante.now(), &alice).await.unwrap();
    let began = tokio::time::Instant::now();
    assert!(reader.read().await.is_none());
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_user_is_signed_in_no_longer() {
    let restante = service().with_clock(FixedClock::default());
    let until = restante.now() + Duration::from_secs(12);
    let inbox = restante.inbox(User::new("alice").until(until)).unwrap();
    let mut reader = Reader::new(inbox.event_stream(None).unwrap());
    reader.until_count().await;
    let began = tokio::time::Instant::now();
    assert!(reader.read().await.is_none());
    assert!((11..=13).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

/// An app signs people out without telling; whoever is still let in comes back.
#[tokio::test(start_paused = true)]
async fn a_stream_does_not_outlive_its_reader_s_session_for_long() {
    let restante = service().with_clock(FixedClock::default());
    let mut reader = Reader::open(&restante, "alice", None);
    let began = tokio::time::Instant::now();
    while reader.read().await.is_some() {}
    let minutes = began.elapsed().as_secs() / 60;
    assert!((15..=30).contains(&minutes), "{minutes}");
}

/// The token was remembered for a moment by a server that let its holder in.
#[tokio::test]
async fn a_stream_that_began_after_its_token_was_ended_ends_at_once() {
    let restante = service();
    let signed_in = restante.now() - Duration::from_secs(60);
    let alice = UserId::new("alice").unwrap();
    restante.store().end_tokens(restante.now(), &alice).await.unwrap();
    let inbox = restante.inbox(User::from(&alice).since(signed_in)).unwrap();
    assert!(Reader::new(inbox.event_stream(None).unwrap()).next().await.is_none());
    let again = restante.inbox(User::from(&alice).since(SystemTime::now())).unwrap();
    assert!(Reader::new(again.event_stream(None).unwrap()).next().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_shows_that_it_is_there() {
    use futures_util::StreamExt;
    let restante = service();
    let mut stream = restante.inbox("alice").unwrap().event_stream(None).unwrap();
    let (mut beats, began) = (0, tokio::time::Instant::now());
    while beats < 10 {
        if stream.next().await.unwrap() == b":\n\n" {
            beats += 1;
        }
    }
    let each = began.elapsed() / 10;
    assert!((10..=25).contains(&each.as_secs()), "{each:?}");
}

#[tokio::test]
async fn a_user_has_at_most_a_hundred_and_none_when_the_process_stops() {
    let restante = service();
    let inbox = restante.inbox("alice").unwrap();
    let mut all: Vec<_> = (0..100).map(|_| inbox.event_stream(None).unwrap()).collect();
    let refused = inbox.event_stream(None).unwrap_err();
    assert!(refused.is_too_large() && refused.field() == Some("streams"), "{refused}");
    assert!(restante.inbox("bob").unwrap().event_stream(None).is_ok(), "another has own ones");
    all.pop();
    let mut last = Reader::new(inbox.event_stream(None).unwrap());
    last.until_count().await;
    restante.end_streams();
    assert!(last.next().await.is_none());
    assert!(inbox.event_stream(None).unwrap_err().is_transient());
}

#[tokio::test]
async fn what_is_written_while_a_reader_comes_and_goes_is_told_once() {
    let restante = service();
    nothing_is_lost_or_told_twice(&restante, &restante).await;
    marks_are_told(&restante, &restante).await;
}
