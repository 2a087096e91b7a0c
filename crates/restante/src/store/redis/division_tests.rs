//! What happens between the steps by which a message reaches several shards: on a real cluster, with
//! processes that stop in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use restante_testkit::redis_cluster::RedisCluster;

use super::body::Kind;
use super::sending::To;
use super::{RedisOptions, RedisStore};
use crate::clock::from_millis;
use crate::recipients::Recipients;
use crate::store::{Expiry, NewMessage, Receipts, Records, Sent, StartAt, Store};
use crate::testing::FixedClock;
use crate::{EventKind, Filter, Item, Message, MessageId, UserId};

const NOW: i64 = 1_800_000_000_000;
static PREFIXES: AtomicUsize = AtomicUsize::new(0);

/// A store of its own on the cluster; nothing where there is no Redis.
struct Place {
    url: String,
    prefix: String,
}

impl Place {
    fn new() -> Option<Self> {
        let prefix = format!("division{}", PREFIXES.fetch_add(1, Ordering::Relaxed));
        Some(Self { url: RedisCluster::shared()?.url(), prefix })
    }

    async fn store(&self) -> RedisStore {
        let options = RedisOptions::new().prefix(&self.prefix).part_size(4);
        options.connect(&self.url).await.unwrap()
    }
}

fn at(now: i64) -> SystemTime {
    from_millis(now)
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// Users, each of another shard and none of the first.
fn users(store: &RedisStore, count: usize) -> Vec<UserId> {
    let mut found: Vec<UserId> = Vec::new();
    for number in 0.. {
        let one = user(&format!("user-{number}"));
        let is_new = |shard| found.iter().all(|other| store.shards.of(other) != shard);
        let shard = store.shards.of(&one);
        if shard != store.shards.first_number() && is_new(shard) {
            found.push(one);
        }
        if found.len() == count {
            break;
        }
    }
    found
}

fn message(text: &str, to: Option<&[UserId]>) -> NewMessage {
    let to = to.map(|to| Recipients::new(to).unwrap());
    let day = Duration::from_secs(86_400);
    let expiry = Expiry { unread: day, all: day };
    NewMessage::prepare(at(NOW), Message::info(text), "app", None, to.as_ref(), false, expiry)
        .unwrap()
}

/// Sends, and stops before the shards are told.
async fn record(store: &RedisStore, text: &str, to: &[UserId]) -> Sent {
    let to = store.divided(to.len(), &store.groups(to));
    store.send_as(NOW, &message(text, None), to, None).await.unwrap().unwrap()
}

async fn send(store: &RedisStore, now: i64, text: &str, to: &[UserId]) -> Sent {
    let recipients = Recipients::new(to).unwrap();
    store.send(at(now), &message(text, Some(to)), &recipients).await.unwrap()
}

async fn inbox(store: &RedisStore, user: &UserId) -> Vec<Item> {
    store.list(at(NOW), user, &Filter::unread()).await.unwrap().items
}

fn texts(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.message.text()).collect()
}

async fn figures(store: &RedisStore, id: MessageId) -> (Option<u64>, Option<u64>, u64) {
    let Receipts { sent, delivered, read } =
        store.receipts(at(NOW), id, None).await.unwrap().unwrap();
    (sent.recipients, delivered, read)
}

/// Another process delivers what one recorded before it died, and once.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_delivered_by_whoever_comes_next() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let to = users(&one, 3);
    let sent = record(&one, "recorded", &to).await;
    assert_eq!(figures(&one, sent.id).await, (Some(3), Some(0), 0));
    assert!(inbox(&other, &to[0]).await.is_empty());
    // One of the shards was told before it died.
    let part = one.next_part(NOW, None, true).await.unwrap().unwrap();
    one.accept(NOW, &part, &part.groups[1]).await.unwrap().unwrap();
    let (first, second) = tokio::join!(other.deliver(at(NOW), true), one.deliver(at(NOW), true));
    assert!(first.unwrap().is_none() && second.unwrap().is_none(), "it was no long list");
    for user in &to {
        let items = inbox(&other, user).await;
        assert_eq!(texts(&items), ["recorded"]);
        assert_eq!(items[0].id.value(), sent.id.value());
    }
    assert_eq!(figures(&other, sent.id).await, (Some(3), Some(3), 0));
    assert!(one.deliver(at(NOW), true).await.unwrap().is_none());
}

/// Who delivers for a process that died tells its own listeners too.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_is_told_by_whoever_delivers_it() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let to = users(&one, 2);
    let restante = crate::Restante::new(other).with_clock(FixedClock::at(at(NOW)));
    let mut events = restante.subscribe();
    restante.inbox("nobody").unwrap().count().await.unwrap();
    let mut next = async |kind| {
        loop {
            let event = events.recv().await.unwrap();
            if event.kind == kind {
                return event;
            }
        }
    };
    // From here on it listens.
    next(EventKind::Unknown).await;
    record(&one, "left", &to).await;
    let told = tokio::time::timeout(Duration::from_secs(20), next(EventKind::Stored)).await;
    assert_eq!(told.unwrap().message.unwrap().text(), "left");
}

/// What arrives late comes above what was there, so that a mark of what was seen does not cover it.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_not_covered_by_an_older_mark() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 2);
    let sent = record(&store, "late", &to).await;
    send(&store, NOW, "faster", &to[..1]).await;
    let as_of = store.count(at(NOW), &to[0]).await.unwrap().as_of;
    assert!(store.deliver(at(NOW), false).await.unwrap().is_none());
    let items = inbox(&store, &to[0]).await;
    assert_eq!(texts(&items), ["late", "faster"]);
    assert!(store.mark_all_read(at(NOW), &to[0], &as_of).await.unwrap());
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["late"]);
    // Whom nothing was faster for has it at the message's own position.
    assert_eq!(inbox(&store, &to[1]).await[0].id.value(), sent.id.value());
    assert!(store.mark_read(at(NOW), &to[0], &[items[0].id]).await.unwrap() == 1);
    assert_eq!(figures(&store, sent.id).await, (Some(2), Some(2), 1));
    assert!(store.retract(at(NOW), sent.id, None).await.unwrap());
    let archive = store.list(at(NOW), &to[0], &Filter::archive()).await.unwrap().items;
    assert_eq!(texts(&archive), ["faster"]);
}

/// What was seen and is gone again counts too.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_above_what_was_seen_and_retracted() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 1);
    record(&store, "late", &[to[0].clone(), user("somebody")]).await;
    let faster = send(&store, NOW, "faster", &to).await;
    let as_of = store.count(at(NOW), &to[0]).await.unwrap().as_of;
    assert!(store.retract(at(NOW), faster.id, None).await.unwrap());
    assert!(store.deliver(at(NOW), false).await.unwrap().is_none());
    store.mark_all_read(at(NOW), &to[0], &as_of).await.unwrap();
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["late"]);
}

/// A shard that has lost what it was told of the broadcasts hears it again; the first one, which has
/// lost one of them, gives out no version that is taken for it.
#[tokio::test(flavor = "multi_thread")]
async fn versions_that_a_master_has_lost_are_made_up_for() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 1);
    store.broadcast(at(NOW), &message("one", None), false).await.unwrap();
    let mut lose = redis::cmd("HDEL");
    lose.arg(store.shard_of(&to[0])).arg("v");
    store.link.ask(lose).await.unwrap();
    assert!(inbox(&store, &to[0]).await.is_empty());
    while store.sweep(at(NOW)).await.unwrap().more {}
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["one"]);

    let mut ahead = redis::cmd("HSET");
    let version = crate::store::state::position_at(NOW + 60_000);
    ahead.arg(store.shard_of(&to[0])).arg("v").arg(version);
    store.link.ask(ahead).await.unwrap();
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["one"]);
    store.broadcast(at(NOW), &message("two", None), false).await.unwrap();
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["two", "one"]);
}

/// Marked all read or unread by hand, that counts too.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_above_every_mark() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 1);
    let first = send(&store, NOW, "first", &to).await;
    let late = record(&store, "late", &[to[0].clone(), user("somebody")]).await;
    let id = crate::ItemId::new(first.id.value());
    store.mark_read(at(NOW), &to[0], &[id]).await.unwrap();
    assert!(store.mark_unread(at(NOW), &to[0], id).await.unwrap());
    let as_of = store.count(at(NOW), &to[0]).await.unwrap().as_of;
    assert!(as_of.personal() > late.id.value());
    assert!(store.deliver(at(NOW), false).await.unwrap().is_none());
    assert!(store.mark_all_read(at(NOW), &to[0], &as_of).await.unwrap());
    assert_eq!(texts(&inbox(&store, &to[0]).await), ["late"]);
}

/// Retracted on the way, it is gone from who has it and does not reach who has not.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_retracted_on_the_way_does_not_arrive() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let to = users(&one, 2);
    let sent = record(&one, "oops", &to).await;
    let part = one.next_part(NOW, None, true).await.unwrap().unwrap();
    one.accept(NOW, &part, &part.groups[0]).await.unwrap().unwrap();
    assert!(other.retract(at(NOW), sent.id, None).await.unwrap());
    // It goes on and knows nothing.
    assert!(one.hand_over(NOW, part).await.unwrap().is_none());
    assert!(one.deliver(at(NOW), true).await.unwrap().is_none());
    for user in &to {
        assert!(inbox(&one, user).await.is_empty());
    }
    assert_eq!(figures(&one, sent.id).await, (Some(2), Some(0), 0));
    assert!(one.follow(at(NOW), 0, 10).await.unwrap().is_empty());
}

/// A process that died while it took a list back is followed by whoever sweeps.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_retracted_is_taken_back_by_whoever_sweeps() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 2);
    let sent = send(&store, NOW, "oops", &to).await;
    let mut call = super::script::RETRACT.call(&[store.shards.first()]);
    call.arg(NOW).arg(sent.id.value()).arg(0).arg("").arg(NOW + 1_000_000).arg(1);
    store.with_origin(&mut call);
    store.link.write(&super::script::RETRACT, call).await.unwrap();
    assert_eq!(inbox(&store, &to[1]).await.len(), 1, "nobody was told yet");
    while store.sweep(at(NOW)).await.unwrap().more {}
    for user in &to {
        assert!(inbox(&store, user).await.is_empty());
    }
}

/// Forgotten on the way: what arrives is not for who has the id now.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_on_the_way_gets_nothing() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let to = users(&one, 3);
    let sent = record(&one, "late", &to).await;
    let part = one.next_part(NOW, None, true).await.unwrap().unwrap();
    one.accept(NOW, &part, &part.groups[0]).await.unwrap().unwrap();
    for forgotten in &to[..2] {
        assert!(other.forget(at(NOW), forgotten).await.unwrap());
    }
    // It goes on with the names that it has read before.
    let (_, count) = one.hand_over(NOW, part).await.unwrap().unwrap();
    assert_eq!(count, 1);
    assert!(inbox(&one, &to[0]).await.is_empty() && inbox(&one, &to[1]).await.is_empty());
    assert_eq!(texts(&inbox(&one, &to[2]).await), ["late"]);
    let entries = one.follow(at(NOW), 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].users.as_deref(), Some(&to[2..]));
    assert!(figures(&one, sent.id).await.0.is_some_and(|recipients| recipients < 3));
}

/// A message to everyone that one process recorded before it died reaches all shards by another; who
/// has marked all read by then has not marked it.
#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_reaches_every_shard() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let to = users(&one, 20);
    other.broadcast(at(NOW), &message("before", None), false).await.unwrap();
    let shard = one.shards.first_number();
    let everyone = To::new(shard, Kind::Everyone { newcomers: false });
    one.send_as(NOW, &message("late", None), everyone, None).await.unwrap().unwrap();
    assert_eq!(texts(&inbox(&one, &to[0]).await), ["before"]);
    let as_of = other.count(at(NOW), &to[0]).await.unwrap().as_of;
    assert!(other.deliver(at(NOW), false).await.unwrap().is_none());
    for user in &to {
        for store in [&one, &other] {
            assert_eq!(texts(&inbox(store, user).await), ["late", "before"]);
        }
    }
    assert!(one.mark_all_read(at(NOW), &to[0], &as_of).await.unwrap());
    assert_eq!(texts(&inbox(&one, &to[0]).await), ["late"]);
}

/// A message to everyone may come below what somebody has had before, by another process' clock; an
/// open stream tells it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_what_a_slow_clock_sends_to_everyone() {
    let Some(place) = Place::new() else { return };
    let (fast, slow) = (place.store().await, place.store().await);
    let to = users(&fast, 1);
    for number in 0..8 {
        send(&fast, NOW + 60_000, &format!("{number}"), &to).await;
    }
    let restante = crate::Restante::new(slow.clone()).with_clock(FixedClock::at(at(NOW)));
    let mut stream = restante.inbox(to[0].as_str()).unwrap().event_stream(None).unwrap();
    let mut next = async || String::from_utf8(stream.next().await.unwrap()).unwrap();
    assert!(next().await.starts_with("retry: "));
    assert!(next().await.contains("\"unread\":8"));
    let sent = restante.send(Message::info("to all"), crate::To::everyone()).await.unwrap();
    let newest = &inbox(&slow, &to[0]).await[0];
    assert!(sent.id.value() < newest.id.value(), "it is not below");
    let told = next().await;
    assert!(told.contains("event: message") && told.contains("to all"), "{told}");
}

/// States of a broadcast that is gone leave every shard; those of another stay.
#[tokio::test(flavor = "multi_thread")]
async fn states_of_broadcasts_that_are_gone_are_swept() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 2);
    let mut ids = Vec::new();
    for text in ["goes", "stays"] {
        let sent = store.broadcast(at(NOW), &message(text, None), false).await.unwrap();
        ids.push(sent.id);
        for user in &to {
            let item = crate::ItemId::new(sent.id.value());
            assert!(store.dismiss(at(NOW), user, item).await.unwrap());
        }
    }
    assert!(store.retract(at(NOW), ids[0], None).await.unwrap());
    let (mut items, mut more) = (0, true);
    while more {
        let swept = store.sweep(at(NOW)).await.unwrap();
        (items, more) = (items + swept.items, swept.more);
    }
    assert_eq!(items, 2);
    assert!(inbox(&store, &to[0]).await.is_empty(), "the other one is still dismissed");
}

/// Clocks differ, and each shard has its own; a follower skips nothing nevertheless.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_skips_nothing_that_a_slow_clock_sends() {
    let Some(place) = Place::new() else { return };
    let (fast, slow) = (place.store().await, place.store().await);
    let to = users(&fast, 2);
    send(&fast, NOW + 60_000, "fast", &to[..1]).await;
    let entries = slow.follow(at(NOW), 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    // This process has not seen that position.
    let slowest = place.store().await;
    let sent = send(&slowest, NOW, "slow", &to[1..]).await;
    assert!(sent.id.value() > entries[0].position);
    let rest = slow.follow(at(NOW), entries[0].position, 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].message.text(), "slow");
    let ttl = Duration::from_secs(30);
    let begin = slow.lease(at(NOW), "new", "h", ttl, StartAt::Now).await.unwrap().unwrap();
    assert!(begin >= sent.id.value());
    let unaware = place.store().await;
    send(&unaware, NOW - 60_000, "slower", &to[..1]).await;
    let rest = slow.follow(at(NOW), begin, 10).await.unwrap();
    assert_eq!(rest[0].message.text(), "slower");
}

/// A key is one for all shards: with other users it is another message.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_the_same_in_every_shard() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    let to = users(&store, 3);
    let keyed = |to: &[UserId]| {
        let to = Recipients::new(to).unwrap();
        let day = Duration::from_secs(86_400);
        let expiry = Expiry { unread: day, all: day };
        let message = Message::info("keyed");
        let message =
            NewMessage::prepare(at(NOW), message, "app", Some("k"), Some(&to), false, expiry);
        (message.unwrap(), to)
    };
    let (message, list) = keyed(&to[..1]);
    let sent = store.send(at(NOW), &message, &list).await.unwrap();
    assert!(!sent.repeated);
    assert!(store.send(at(NOW), &message, &list).await.unwrap().repeated);
    for others in [&to[1..2], &to[..2], &to[..]] {
        let (message, list) = keyed(others);
        let error = store.send(at(NOW), &message, &list).await.unwrap_err();
        assert!(error.is_conflict(), "{error:?}");
    }
    assert_eq!(inbox(&store, &to[0]).await.len(), 1);
    assert!(inbox(&store, &to[1]).await.is_empty());
}
