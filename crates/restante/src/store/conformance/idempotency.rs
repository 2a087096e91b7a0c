//! Keys that make a repeated send harmless.

use super::Harness;
use super::scene::{Scene, seconds};
use crate::store::{Expiry, NewMessage};
use crate::{Message, Recipients};

const DAY: u64 = 86_400;

/// The same key with the same content gives the first result and sends nothing.
pub async fn gives_the_first_result_again(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    let message = || Message::info("one").expires_in(seconds(60)).tag("t").data(1);
    let first = scene.send_as("app", Some("k"), message(), &["a", "b"]).await.unwrap();
    scene.pass(5);
    // A relative expiry stays relative; the order of recipients and repeats do not matter.
    let again = other.send_as("app", Some("k"), message(), &["b", "a", "b"]).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!((again.id, again.recipients, again.waiting), (first.id, 2, 0));
    assert_eq!(scene.inbox("a").await, ["one"]);
    let everyone =
        async || scene.broadcast_as("app", Some("b"), Message::info("two"), true).await.unwrap();
    let (first, again) = (everyone().await, everyone().await);
    assert!(again.repeated && again.id == first.id);
    assert_eq!(scene.inbox("a").await, ["two", "one"]);
}

/// With any other content it is a conflict, and nothing is written.
pub async fn refuses_another_content(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let message = || Message::info("one");
    scene.send_as("app", Some("k"), message(), &["a", "b"]).await.unwrap();
    let others: [(Message, &[&str]); 8] = [
        (Message::info("two"), &["a", "b"]),
        (Message::success("one"), &["a", "b"]),
        (message().tag("t"), &["a", "b"]),
        (message().url("/"), &["a", "b"]),
        (message().data(1), &["a", "b"]),
        (message().expires_in(seconds(9)), &["a", "b"]),
        (message(), &["a"]),
        (message(), &["a", "b", "c"]),
    ];
    let before = scene.send("marker", &["z"]).await;
    for (message, to) in others {
        let result = scene.send_as("app", Some("k"), message, to).await;
        assert!(result.unwrap_err().is_conflict());
    }
    let everyone = scene.broadcast_as("app", Some("k"), message(), false).await;
    assert!(everyone.unwrap_err().is_conflict());
    assert_eq!(scene.inbox("a").await, ["one"]);
    assert_eq!(scene.inbox("b").await, ["one"]);
    assert!(scene.archive("c").await.is_empty());
    assert!(!scene.forget("c").await, "not even the user");
    assert!(scene.log(before.id.value()).await.is_empty());
    assert!(scene.send_as("app", Some("k"), message(), &["a", "b"]).await.unwrap().repeated);
}

/// A broadcast for newcomers is another one.
pub async fn tells_newcomers_apart(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.broadcast_as("app", Some("k"), Message::info("x"), true).await.unwrap();
    let other = scene.broadcast_as("app", Some("k"), Message::info("x"), false).await;
    assert!(other.unwrap_err().is_conflict());
}

/// Keys belong to their sender, byte by byte.
pub async fn belongs_to_the_sender(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let names =
        [("app", "k"), ("shop", "k"), ("App", "k"), ("app", "K"), ("app", "k "), ("ap", "pk")];
    for (number, (sender, key)) in names.into_iter().enumerate() {
        let message = Message::info(format!("{number}"));
        assert!(!scene.send_as(sender, Some(key), message, &["a"]).await.unwrap().repeated);
    }
    assert_eq!(scene.unread("a").await, 6);
    // None has taken another's place.
    for (number, (sender, key)) in names.into_iter().enumerate() {
        let message = Message::info(format!("{number}"));
        let again = scene.send_as(sender, Some(key), message, &["a"]).await.unwrap();
        assert!(again.repeated, "{sender:?} {key:?}");
    }
}

/// A key ends after 24 hours, swept or not; one that was used anew counts from then.
pub async fn ends_after_a_day(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let send =
        async |text: &str| scene.send_as("app", Some("k"), Message::info(text), &["a"]).await;
    send("one").await.unwrap();
    scene.pass(DAY - 1);
    scene.sweep().await;
    assert!(send("one").await.unwrap().repeated);
    assert!(send("two").await.unwrap_err().is_conflict());
    scene.pass(1);
    assert!(!send("two").await.unwrap().repeated);
    assert!(send("two").await.unwrap().repeated);
    scene.pass(DAY - 1);
    assert!(send("two").await.unwrap().repeated);
    scene.pass(1);
    scene.sweep().await;
    assert!(!send("three").await.unwrap().repeated);
    assert_eq!(scene.inbox("a").await, ["three", "two", "one"]);
}

/// One that is to be kept longer is, also of a message whose date is long past: such as an import
/// sends again years later.
pub async fn is_kept_as_long_as_is_said(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    let to = Recipients::new(["a"]).unwrap();
    let send = async |text: &str, years: u32| {
        let message = Message::info(text);
        let expiry = Expiry { unread: seconds(100 * DAY), all: seconds(100 * DAY) };
        let message =
            NewMessage::prepare(now, message, "app", Some(text), Some(&to), false, expiry).unwrap();
        let message = message.keep_key_until(now + seconds(10 * DAY));
        let date = now - seconds(365 * DAY) * years;
        (date, scene.store.send(date, &message, &to).await.unwrap())
    };
    let (date, first) = send("one", 9).await;
    let (_, second) = send("two", 8).await;
    assert!(!first.repeated && !second.repeated);
    scene.pass(10 * DAY - 1);
    scene.sweep().await;
    let (_, again) = send("one", 9).await;
    assert!(again.repeated && again.id == first.id);
    assert_eq!(scene.inbox("a").await, ["two", "one"]);
    let items = scene.all("a", crate::Filter::unread()).await;
    assert_eq!(items[1].date, date);
    scene.pass(1);
    scene.sweep().await;
    let (_, anew) = send("one", 9).await;
    assert!(!anew.repeated);
    assert_eq!(scene.inbox("a").await, ["one", "two", "one"]);
}

/// Of several at once one sends; the others are told its result.
pub async fn lets_one_of_many_send(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let now = scene.now();
    for round in 0..20 {
        let to = Recipients::new(["a", "b", "c"].iter().take(1 + round % 3)).unwrap();
        let key = format!("k{round}");
        let message = NewMessage::prepare(
            now,
            Message::info(format!("{round}")),
            "app",
            Some(&key),
            Some(&to),
            false,
            Expiry::default(),
        )
        .unwrap();
        let mut running = Vec::new();
        for _ in 0..8 {
            let store = scene.by_second_handle().await.store;
            let (message, to) = (message.clone(), to.clone());
            running.push(tokio::spawn(async move { store.send(now, &message, &to).await }));
        }
        let mut results = Vec::new();
        for task in running {
            results.push(task.await.unwrap().unwrap());
        }
        assert_eq!(results.iter().filter(|sent| !sent.repeated).count(), 1);
        assert!(results.iter().all(|sent| sent.id == results[0].id));
    }
    scene.deliver_all().await;
    assert_eq!(scene.unread("a").await, 20);
    assert_eq!(scene.unread("c").await, 6);
}

/// Of several contents at once one is sent and the others are told of the conflict.
pub async fn lets_one_of_many_contents_through(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for round in 0..20 {
        let key = format!("k{round}");
        let send = async |number: i32| {
            let message = Message::info(format!("{round} {number}"));
            scene.by_second_handle().await.send_as("app", Some(&key), message, &["a"]).await
        };
        let (one, two, three) = tokio::join!(send(1), send(2), send(3));
        let results = [one, two, three];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        let conflicts = results.iter().filter_map(|result| result.as_ref().err());
        assert!(conflicts.into_iter().all(crate::Error::is_conflict));
    }
    assert_eq!(scene.unread("a").await, 20);
}
