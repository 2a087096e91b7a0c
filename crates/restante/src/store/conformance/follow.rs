//! The log that followers read, and the lease by which one of them reads at a time.

use super::Harness;
use super::scene::{Scene, id, seconds};
use crate::Message;
use crate::store::StartAt;

/// Short lists and broadcasts once, long lists part by part, in the order of positions, with their
/// users.
pub async fn gives_what_was_sent_in_order(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let short = scene.send_as("shop", None, Message::info("short"), &["b", "a"]).await.unwrap();
    let long = scene.send("long", &["a", "b", "c"]).await;
    let everyone = scene.broadcast("everyone").await;
    assert_eq!(scene.log(0).await.len(), 2, "a part that waits is not in the log");
    scene.deliver_all().await;
    let mut entries = scene.store.follow(scene.now(), 0, 100).await.unwrap();
    entries.iter_mut().filter_map(|entry| entry.users.as_mut()).for_each(|users| users.sort());
    assert!(entries.is_sorted_by_key(|entry| entry.position));
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [short.id, everyone.id, long.id, long.id]);
    assert_eq!(entries[0].users, Some(vec![id("a"), id("b")]));
    assert_eq!((entries[0].sender.as_str(), entries[0].date), ("shop", scene.now()));
    assert_eq!(entries[1].users, None);
    let parts: Vec<_> = entries[2..].iter().filter_map(|entry| entry.users.clone()).collect();
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let mut reached = parts.concat();
    reached.sort();
    assert_eq!(reached, [id("a"), id("b"), id("c")]);
    assert_eq!(entries[3].message.text(), "long");
}

/// From the first after a position, as many as asked for.
pub async fn goes_on_after_a_position(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for number in 0..10 {
        scene.send(&format!("{number}"), &["a"]).await;
    }
    let (mut after, mut texts) = (0, Vec::new());
    loop {
        let entries = scene.store.follow(scene.now(), after, 3).await.unwrap();
        let Some(last) = entries.last() else { break };
        assert!(entries.len() <= 3);
        after = last.position;
        texts.extend(entries.iter().map(|entry| entry.message.text().to_owned()));
    }
    assert_eq!(texts.concat(), "0123456789");
    let late = scene.send("late", &["a"]).await;
    assert_eq!(scene.log(after).await, [(late.id.value(), "late".to_owned(), Some(1))]);
}

/// Not what was retracted or has expired since; those in between come nevertheless.
pub async fn leaves_out_what_is_gone(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let oops = scene.send("oops", &["a"]).await;
    let long = scene.send("long oops", &["a", "b", "c"]).await;
    let everyone = scene.broadcast("everyone oops").await;
    scene.deliver_all().await;
    scene.send_message(Message::info("brief").expires_in(seconds(10)), &["a"]).await;
    scene.send("stays", &["a"]).await;
    for sent in [oops, long, everyone] {
        scene.retract(sent.id).await;
    }
    scene.pass(10);
    for _ in 0..2 {
        let entries = scene.store.follow(scene.now(), 0, 1).await.unwrap();
        assert_eq!(entries[0].message.text(), "stays");
        scene.sweep().await;
    }
}

/// Reading and marking are not in the log.
pub async fn tells_nothing_of_readers(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["a"]).await;
    let item = scene.item("a", "one").await.id;
    scene.read("a", item).await;
    scene.keep("a", item).await;
    scene.dismiss("a", item).await;
    assert_eq!(scene.log(0).await.len(), 1);
    assert!(scene.log(sent.id.value()).await.is_empty());
}

/// A follower never heard of begins with what is sent from now on, or with the oldest.
pub async fn begins_where_it_is_told(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    scene.send("before", &["a"]).await;
    scene.send("recorded before, delivered after", &["a", "b", "c"]).await;
    scene.broadcast("before, to everyone").await;
    let (store, now) = (&scene.store, scene.now());
    let lease = async |name: &str, start| {
        store.lease(now, name, "h", seconds(30), start).await.unwrap().unwrap()
    };
    let new = lease("new", StartAt::Now).await;
    let old = lease("old", StartAt::Oldest).await;
    scene.deliver_all().await;
    scene.send("after", &["a"]).await;
    let log = scene.log(new).await;
    assert_eq!(log.len(), 3);
    assert_eq!(log[2].1, "after");
    assert_eq!(scene.log(old).await.len(), 5);
    assert_eq!(lease("new", StartAt::Oldest).await, new, "told once");
    assert_eq!(lease("old", StartAt::Now).await, old);
}

/// One holder at a time; another waits until the lease has run out or is given back.
pub async fn is_leased_to_one_at_a_time(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    let lease = async |scene: &Scene<'_>, holder: &str| {
        let now = scene.now();
        scene.store.lease(now, "mail", holder, seconds(30), StartAt::Oldest).await.unwrap()
    };
    assert_eq!(lease(&scene, "one").await, Some(0));
    assert_eq!(lease(&other, "two").await, None);
    scene.pass(20);
    assert_eq!(lease(&scene, "one").await, Some(0), "renewed");
    scene.pass(20);
    assert_eq!(lease(&other, "two").await, None);
    scene.pass(10);
    assert_eq!(lease(&other, "two").await, Some(0), "run out");
    assert_eq!(lease(&scene, "one").await, None);
    other.store.release("mail", "one").await.unwrap();
    assert_eq!(lease(&scene, "one").await, None, "not the holder's to give back");
    other.store.release("mail", "two").await.unwrap();
    assert_eq!(lease(&scene, "one").await, Some(0));
    scene.store.release("unheard of", "one").await.unwrap();
}

/// Progress is kept for whoever holds the lease next, only rises, and is refused to who lost it.
pub async fn keeps_the_progress_of_its_holder(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let lease = async |holder: &str| {
        let now = scene.now();
        scene.store.lease(now, "mail", holder, seconds(30), StartAt::Oldest).await.unwrap()
    };
    let advance = async |holder: &str, position| {
        let now = scene.now();
        scene.store.advance(now, "mail", holder, seconds(30), position).await.unwrap()
    };
    assert!(!advance("one", 5).await, "never leased");
    lease("one").await;
    assert!(advance("one", 10).await);
    assert!(advance("one", 7).await);
    scene.pass(25);
    assert!(advance("one", 12).await, "renews the lease");
    scene.pass(25);
    assert_eq!(lease("two").await, None);
    scene.pass(5);
    assert!(advance("one", 14).await, "run out, but nobody else took it");
    scene.pass(30);
    assert_eq!(lease("two").await, Some(14));
    assert!(!advance("one", 20).await);
    scene.store.release("mail", "two").await.unwrap();
    assert!(!advance("two", 30).await, "given back");
    assert_eq!(lease("one").await, Some(14));
}

/// Names have leases of their own.
pub async fn is_known_by_name(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let lease = async |name: &str, holder: &str| {
        let now = scene.now();
        scene.store.lease(now, name, holder, seconds(30), StartAt::Oldest).await.unwrap()
    };
    for (name, holder) in [("mail", "one"), ("Mail", "two"), ("mail ", "three"), ("mäil", "four")]
    {
        assert_eq!(lease(name, holder).await, Some(0), "{name:?}");
        let now = scene.now();
        let position = i64::try_from(holder.len()).unwrap();
        assert!(scene.store.advance(now, name, holder, seconds(30), position).await.unwrap());
    }
    assert_eq!(lease("Mail", "two").await, Some(3));
    assert_eq!(lease("mail ", "three").await, Some(5));
}
