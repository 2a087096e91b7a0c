//! What one follower reads: all of it, in order, and again what was not done.

use std::time::Duration;

use restante::testing::FixedClock;
use restante::{Filter, Message, Restante, To};
use tokio::time::Instant;

use crate::ground::{Ground, entry, on_each_store, soon, text};

/// Longer than any lease here.
const LONG: Duration = Duration::from_secs(3_600);

async fn send(restante: &Restante, text: &str) {
    restante.send(Message::info(text), "alice").await.unwrap();
}

#[tokio::test]
async fn everything_sent_comes_in_order() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let mut follower = restante.follow("mailer").from_oldest();
        // More than are read at once.
        for number in 0..150 {
            send(&restante, &number.to_string()).await;
        }
        let mut last = 0;
        for number in 0..150 {
            let entry = entry(&mut follower).await;
            assert_eq!(entry.message.text(), number.to_string());
            assert!(entry.position > last);
            last = entry.position;
        }
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_send_comes_in_its_way() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let mut follower = restante.follow("mailer").from_oldest();
        let short = restante.send(Message::info("short"), ["bob", "alice"]).sender("shop");
        let short = short.await.unwrap();
        let oops = restante.send(Message::info("oops"), "alice").await.unwrap();
        let long_oops = restante.send(Message::info("oops"), ["a", "b", "c"]).await.unwrap();
        let everyone = restante.send(Message::info("everyone"), To::everyone()).await.unwrap();
        let long = restante.send(Message::info("long"), ["a", "b", "c", "d", "e"]).await.unwrap();
        restante.deliver_waiting(|_| {}).await.unwrap();
        ground.leave("alice", "left");
        restante.relay().await.unwrap();
        for sent in [oops, long_oops] {
            assert!(restante.retract(sent.id).await.unwrap());
        }

        let first = entry(&mut follower).await;
        assert_eq!((first.id, first.sender.as_str()), (short.id, "shop"));
        let names = |users: Option<Vec<restante::UserId>>| {
            users.map(|users| users.iter().map(|user| user.as_str().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(names(first.users).unwrap(), ["alice", "bob"]);
        let second = entry(&mut follower).await;
        assert_eq!((second.id, names(second.users)), (everyone.id, None));
        let mut users = Vec::new();
        for size in [2, 2, 1] {
            let part = entry(&mut follower).await;
            assert_eq!((part.id, part.message.text()), (long.id, "long"));
            let part = names(part.users).unwrap();
            assert_eq!(part.len(), size);
            users.extend(part);
        }
        users.sort();
        assert_eq!(users, ["a", "b", "c", "d", "e"]);
        let last = entry(&mut follower).await;
        assert_eq!((last.message.text(), last.sender.as_str()), ("left", "app"));
    })
    .await;
}

/// A name that was never used begins with what is sent after its first use; one that was goes on.
#[tokio::test]
async fn a_new_name_begins_now_unless_told_otherwise() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        send(&restante, "before").await;
        let mut new = restante.follow("new");
        assert!(new.begin().await.unwrap());
        send(&restante, "after").await;
        assert_eq!(text(&mut new).await, "after");
        new.done().await.unwrap();
        new.close().await.unwrap();
        assert_eq!(text(&mut restante.follow("old").from_oldest()).await, "before");

        send(&restante, "later").await;
        assert_eq!(text(&mut restante.follow("new").from_oldest()).await, "later");
    })
    .await;
}

#[tokio::test]
async fn what_was_not_done_comes_again() {
    on_each_store(async |ground| {
        let clock = FixedClock::default();
        let restante = ground.quiet().with_clock(clock.clone());
        for name in ["one", "two", "three"] {
            send(&restante, name).await;
        }
        let mut first = restante.follow("mailer").from_oldest();
        assert_eq!(text(&mut first).await, "one");
        assert_eq!(text(&mut first).await, "two", "which says that `one` is done");
        // As if its process had died, with `two` in hand.
        drop(first);
        clock.advance(LONG);
        let mut second = restante.follow("mailer");
        assert_eq!(text(&mut second).await, "two");
        second.done().await.unwrap();
        second.done().await.unwrap();
        drop(second);
        clock.advance(LONG);
        assert_eq!(text(&mut restante.follow("mailer")).await, "three");
    })
    .await;
}

/// A call that is dropped while it waits loses nothing and repeats nothing.
#[tokio::test(start_paused = true)]
async fn waiting_may_be_broken_off() {
    let restante = Ground::memory().quiet();
    let mut follower = restante.follow("mailer").from_oldest();
    for number in 0..5 {
        for millis in [0, 1, 249, 250, 1_000] {
            let brief = tokio::time::timeout(Duration::from_millis(millis), follower.next());
            assert!(brief.await.is_err());
        }
        send(&restante, &number.to_string()).await;
        assert_eq!(text(&mut follower).await, number.to_string());
    }
}

/// Time stands still unless everybody waits: it is the send that wakes, not the next look.
#[tokio::test(start_paused = true)]
async fn a_send_in_the_process_wakes_it_at_once() {
    let ground = Ground::memory();
    let restante = ground.service();
    let mut follower = restante.follow("mailer");
    assert!(follower.begin().await.unwrap());
    let mut waiting = Box::pin(follower.next());
    let mut sent = 0;
    for to in
        [To::users(["alice"]), To::users(["a", "b"]), To::users(["a", "b", "c"]), To::everyone()]
    {
        let brief = Duration::from_millis(310);
        assert!(tokio::time::timeout(brief, &mut waiting).await.is_err(), "nothing was sent");
        let start = Instant::now();
        restante.send(Message::info("wake up"), to).await.unwrap();
        waiting.as_mut().await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(waiting);
        sent += 1;
        if sent == 3 {
            // The rest of the long list.
            assert_eq!(entry(&mut follower).await.users.unwrap().len(), 1);
        }
        waiting = Box::pin(follower.next());
    }
}

/// What another process sends is found by looking.
#[tokio::test]
async fn what_another_process_sends_comes_too() {
    let ground = Ground::sqlite().await;
    let (here, there) = (ground.quiet(), Restante::from_arc(ground.second_handle().await));
    let mut follower = here.follow("mailer");
    assert!(follower.begin().await.unwrap());
    let waiting = tokio::spawn(async move { text(&mut follower).await });
    send(&there, "from there").await;
    assert_eq!(soon(waiting).await.unwrap(), "from there");
}

#[tokio::test]
async fn a_bad_name_is_refused() {
    let restante = Ground::memory().quiet();
    for name in [String::new(), "n".repeat(256)] {
        let mut follower = restante.follow(name);
        assert_eq!(follower.begin().await.unwrap_err().field(), Some("name"));
        assert_eq!(soon(follower.next()).await.unwrap_err().field(), Some("name"));
    }
    assert!(restante.follow("n".repeat(255)).begin().await.unwrap());
}

/// Following changes nothing for the users.
#[tokio::test]
async fn nobody_notices_a_follower() {
    let restante = Ground::memory().quiet();
    send(&restante, "one").await;
    let mut follower = restante.follow("mailer").from_oldest();
    text(&mut follower).await;
    follower.done().await.unwrap();
    let page = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].read_at), (1, None));
}
