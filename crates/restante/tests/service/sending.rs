//! Requests and settings.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use restante::store::{Expiry, SentFilter};
use restante::testing::FixedClock;
use restante::{Clock, Filter, Message, Restante, To, User};

use crate::ground::{Ground, inbox, on_each_store};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn keys_belong_to_their_sender() {
    on_each_store(async |ground| {
        let restante = ground.quiet();
        let send = async |sender: Option<&str>, text: &str| {
            let request = restante.send(Message::info(text), "alice").key("k");
            match sender {
                Some(sender) => request.sender(sender).await,
                None => request.await,
            }
        };
        let first = send(None, "one").await.unwrap();
        let again = send(Some("app"), "one").await.unwrap();
        assert_eq!((again.id, again.repeated), (first.id, true), "`app` unless named");
        assert!(send(None, "two").await.unwrap_err().is_conflict());
        let shop = send(Some("shop"), "two").await.unwrap();
        assert!(!shop.repeated);
        assert_eq!(inbox(&restante, "alice").await, ["one", "two"]);

        let filter = SentFilter { sender: Some("shop".to_owned()), ..SentFilter::default() };
        let listed = restante.sent(filter).await.unwrap().messages;
        assert_eq!((listed.len(), listed[0].id), (1, shop.id));
        assert_eq!(listed[0].sender, "shop");
    })
    .await;
}

#[tokio::test]
async fn bad_requests_name_the_field_and_send_nothing() {
    let restante = Ground::memory().quiet();
    let request = || restante.send(Message::info("one"), "alice");
    assert_eq!(request().key("").await.unwrap_err().field(), Some("key"));
    assert_eq!(request().sender("").await.unwrap_err().field(), Some("sender"));
    assert_eq!(request().newcomers().await.unwrap_err().field(), Some("newcomers"));
    let list = restante.send(Message::info("one"), ["alice", "bob"]).newcomers();
    assert!(list.await.unwrap_err().is_invalid());
    assert!(restante.sent(SentFilter::default()).await.unwrap().messages.is_empty());
}

#[tokio::test]
async fn newcomers_see_what_is_for_them() {
    on_each_store(async |ground| {
        let clock = FixedClock::default();
        let restante = ground.quiet().with_clock(clock.clone());
        restante.send(Message::info("for those here"), To::everyone()).await.unwrap();
        restante.send(Message::info("for all"), To::everyone()).newcomers().await.unwrap();
        clock.advance(DAY);
        let newcomer = restante.inbox(User::new("newcomer").joined(clock.now())).unwrap();
        let page = newcomer.list(Filter::unread()).await.unwrap();
        assert_eq!((page.items.len(), page.items[0].message.text()), (1, "for all"));
        assert_eq!(inbox(&restante, "old hand").await.len(), 2);
    })
    .await;
}

/// Settings hold for the service made with them, in any order, and not for a clone made before.
#[tokio::test]
async fn clock_and_expiry_are_the_services() {
    on_each_store(async |ground| {
        let clock = FixedClock::default();
        let before = ground.quiet();
        let expiry = Expiry { unread: DAY, all: DAY * 2 };
        for restante in [
            before.clone().with_clock(clock.clone()).with_expiry(expiry),
            before.clone().with_expiry(expiry).with_clock(clock.clone()),
        ] {
            let sent = restante.send(Message::info("one"), "alice").await.unwrap();
            assert_eq!(restante.now(), clock.now());
            let receipts = restante.receipts(sent.id).await.unwrap();
            assert_eq!(receipts.sent.date, clock.now());
            assert_eq!(receipts.sent.expires_at, Some(clock.now() + DAY * 2));
            clock.advance(DAY);
            assert!(inbox(&restante, "alice").await.is_empty());
            let alice = restante.inbox("alice").unwrap();
            assert_eq!(alice.list(Filter::archive()).await.unwrap().items.len(), 1);
            clock.advance(DAY);
            assert!(restante.receipts(sent.id).await.unwrap_err().is_not_found());
        }
        assert!(before.now() != clock.now());
        let sent = before.send(Message::info("two"), "bob").await.unwrap();
        let sent = before.receipts(sent.id).await.unwrap().sent;
        assert!(sent.expires_at.unwrap() > before.now() + DAY * 119);
    })
    .await;
}

/// The caller may go away at any moment: a message then reached all of its list or nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_send_is_whole_or_not_at_all() {
    let ground = Ground::sqlite().await;
    let restante = ground.quiet();
    let mut dropped = 0;
    for number in 0..200 {
        let newcomer = format!("new {number}");
        let (short, long) = (["a", "b"], ["a", "b", "c", "d", "e", "f", "g", &newcomer]);
        let to: &[&str] = if number % 2 == 0 { &short } else { &long };
        let request = restante.send(Message::info(number.to_string()), to);
        let sent = given_up_after(number / 2 % 8, request.into_future()).await;
        dropped += usize::from(sent.is_none());
    }
    assert!((50..200).contains(&dropped), "{dropped} were dropped");
    // The writer takes what is asked for in turn, so after this one nothing is under way.
    restante.send(Message::info("last"), "z").await.unwrap();
    restante.deliver_waiting(|_| {}).await.unwrap();
    let mut sent = HashSet::new();
    let mut filter = SentFilter::default();
    loop {
        let page = restante.sent(filter.clone()).await.unwrap();
        for message in page.messages {
            let receipts = restante.receipts(message.id).await.unwrap();
            assert_eq!(receipts.delivered, message.recipients, "{message:?}");
            assert!(sent.insert(message.message.text().to_owned()), "{message:?} was sent twice");
        }
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    for (user, in_short) in [("a", true), ("b", true), ("c", false), ("g", false)] {
        let got: HashSet<String> = everything(&restante, user).await;
        let want = sent.iter().filter(|text| match text.parse::<usize>() {
            Ok(number) => in_short || number % 2 == 1,
            Err(_) => false,
        });
        assert_eq!(got, want.cloned().collect());
    }
}

/// Drops a future once it has been polled this many times.
async fn given_up_after<F: Future + Unpin>(polls: usize, mut future: F) -> Option<F::Output> {
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left > 0
            && let Poll::Ready(output) = Pin::new(&mut future).poll(context)
        {
            return Poll::Ready(Some(output));
        }
        left = left.saturating_sub(1);
        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

async fn everything(restante: &Restante, user: &str) -> HashSet<String> {
    let inbox = restante.inbox(user).unwrap();
    let (mut texts, mut filter) = (HashSet::new(), Filter::unread().limit(100));
    loop {
        let page = inbox.list(filter.clone()).await.unwrap();
        for item in page.items {
            assert!(texts.insert(item.message.text().to_owned()), "there twice");
        }
        match page.next {
            Some(next) => filter = filter.after(next),
            None => return texts,
        }
    }
}
