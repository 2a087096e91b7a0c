//! What the server remembers beside the messages.

use super::Harness;
use super::scene::{Scene, id, seconds};
use crate::ItemId;
use crate::store::{ApiKey, Day, OutboxRow};

/// The first writer's secret is everybody's.
pub async fn keep_the_first_secret(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(scene.store.secret("signing", &bytes).await.unwrap(), bytes);
    assert_eq!(other.store.secret("signing", b"later").await.unwrap(), bytes);
    assert_eq!(other.store.secret("Signing", b"another").await.unwrap(), b"another");
    assert_eq!(scene.store.secret("Signing", &bytes).await.unwrap(), b"another");
}

/// Of several first writers at once one wins, and all are told the same.
pub async fn agree_on_a_secret(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let mut running = Vec::new();
    for number in 0..16_u8 {
        let store = scene.by_second_handle().await.store;
        running
            .push(tokio::spawn(async move { store.secret("signing", &[number]).await.unwrap() }));
    }
    let mut told = Vec::new();
    for task in running {
        told.push(task.await.unwrap());
    }
    told.dedup();
    assert_eq!(told.len(), 1);
}

/// API keys are found by hash, listed oldest first, and revoked for good.
pub async fn keep_api_keys(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let key = |id: &str, hash: u8| ApiKey {
        id: id.to_owned(),
        name: format!("the {id} \u{1F511}"),
        hash: [hash; 32],
        scopes: vec!["send".to_owned(), "tokens".to_owned()],
        created_at: scene.now(),
        revoked_at: None,
    };
    let (store, now) = (&scene.store, scene.now());
    let second = key("b", 2);
    store.add_api_key(&second).await.unwrap();
    scene.pass(1);
    let third = ApiKey { scopes: Vec::new(), ..key("a", 255) };
    store.add_api_key(&third).await.unwrap();
    let first = ApiKey { created_at: now - seconds(10), ..key("c", 0) };
    store.add_api_key(&first).await.unwrap();
    assert!(store.add_api_key(&key("b", 9)).await.unwrap_err().is_conflict());
    assert!(store.add_api_key(&key("d", 2)).await.unwrap_err().is_conflict());
    assert_eq!(store.api_keys().await.unwrap(), [first, second.clone(), third.clone()]);
    assert_eq!(store.api_key(&[255; 32]).await.unwrap(), Some(third));
    assert_eq!(store.api_key(&[9; 32]).await.unwrap(), None);

    assert!(store.revoke_api_key(scene.now(), "b").await.unwrap());
    let revoked_at = scene.now();
    scene.pass(1);
    assert!(!store.revoke_api_key(scene.now(), "b").await.unwrap());
    assert!(!store.revoke_api_key(scene.now(), "z").await.unwrap());
    let revoked = scene.by_second_handle().await.store.api_key(&[2; 32]).await.unwrap();
    assert_eq!(revoked, Some(ApiKey { revoked_at: Some(revoked_at), ..second }));
    assert_eq!(store.api_keys().await.unwrap().len(), 3);
}

/// The end of a user's tokens only moves on, and is remembered for 30 days.
pub async fn keep_the_end_of_tokens(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let (store, alice) = (&scene.store, id("alice"));
    let ended = async || scene.store.tokens_ended_at(&alice).await.unwrap();
    assert_eq!(ended().await, None);
    let start = scene.now();
    scene.pass(10);
    store.end_tokens(scene.now(), &alice).await.unwrap();
    store.end_tokens(start, &alice).await.unwrap();
    assert_eq!(ended().await, Some(scene.now()));
    assert_eq!(store.tokens_ended_at(&id("Alice")).await.unwrap(), None);
    scene.pass(30 * 86_400 - 1);
    scene.sweep().await;
    assert!(ended().await.is_some());
    scene.pass(1);
    scene.sweep().await;
    assert_eq!(ended().await, None);
}

/// Of several at once one uses it up; it stays so until its time is over, also when swept.
pub async fn let_a_thing_be_used_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let (ticket, other) = ([7; 32], [8; 32]);
    let (now, until) = (scene.now(), scene.now() + seconds(60));
    let mut running = Vec::new();
    for _ in 0..8 {
        let store = scene.by_second_handle().await.store;
        running
            .push(tokio::spawn(async move { store.use_once(now, &ticket, until).await.unwrap() }));
    }
    let mut first = 0;
    for task in running {
        first += u64::from(task.await.unwrap());
    }
    assert_eq!(first, 1);
    assert!(scene.store.use_once(now, &other, until).await.unwrap());
    scene.pass(59);
    scene.sweep().await;
    let again = async || scene.store.use_once(scene.now(), &ticket, scene.now()).await.unwrap();
    assert!(!again().await);
    scene.pass(1);
    assert!(again().await, "what comes after its time is refused by who made it");
    scene.sweep().await;
    assert!(again().await);
}

/// What waits in the outbox and of long lists is counted.
pub async fn tell_what_waits(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let waiting = async || {
        let load = scene.store.load().await.unwrap();
        [load.outbox_waiting, load.outbox_refused, load.parts_waiting]
    };
    assert_eq!(waiting().await, [0, 0, 0]);
    scene.send("long", &["a", "b", "c"]).await;
    scene.leave(OutboxRow::new("a", "one")).await;
    scene.leave(OutboxRow::new("a", "bad\u{1}")).await;
    assert_eq!(waiting().await, [2, 0, 2]);
    scene.relay(10).await;
    scene.deliver_all().await;
    assert_eq!(waiting().await, [0, 1, 0]);
}

/// What was done is counted by day, in the transactions that do it.
pub async fn count_by_day(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let start = scene.now();
    assert!(scene.store.days(start).await.unwrap().is_empty());
    scene.send("one", &["a", "b"]).await;
    scene.send("long", &["a", "b", "c"]).await;
    scene.deliver_all().await;
    let everyone = scene.broadcast("everyone").await;
    let item = ItemId::new(everyone.id.value());
    let missing = ItemId::new(2);
    scene.store.mark_read(scene.now(), &id("a"), &[item, missing, item]).await.unwrap();
    scene.mark_all_now("a").await;
    let as_of = scene.count("a").await.as_of;
    scene.mark_all("a", as_of).await;
    scene.pass(2 * 86_400);
    scene.send("later", &["a"]).await;
    let day = 20_454;
    let first = Day { day, sent: 3, read: 1, read_all: 1 };
    let last = Day { day: day + 2, sent: 1, ..Day::default() };
    assert_eq!(scene.store.days(start).await.unwrap(), [first, last]);
    assert_eq!(scene.store.days(start + seconds(86_399)).await.unwrap(), [first, last]);
    assert_eq!(scene.store.days(start + seconds(86_400)).await.unwrap(), [last]);
}
