//! Positions: strictly rising, whatever the clock does.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Harness;
use super::scene::{Scene, id};
use crate::{ItemId, MAX_POSITION, Message};

/// The lowest position at a time: milliseconds since 2025, at most 2^40, in steps of 4096.
fn floor(time: SystemTime) -> i64 {
    let since_2025 = UNIX_EPOCH + Duration::from_secs(1_735_689_600);
    let millis = time.duration_since(since_2025).unwrap_or_default().as_millis();
    i64::try_from(millis.min(1 << 40)).unwrap() * 4096
}

/// The first position is the time's own; the next are as close as they can be: where several clocks
/// take turns, at the next turn.
pub async fn begins_with_the_time(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let step = harness.position_step();
    let first = scene.send("one", &["alice"]).await.id.value();
    assert!((0..step).contains(&(first - floor(scene.now()))));
    assert_eq!(scene.send("two", &["alice"]).await.id.value(), first + step);
    let everyone = scene.broadcast("three").await.id.value();
    assert!((first + step + 1..=first + 2 * step + 1).contains(&everyone));
    let fourth = scene.send("four", &["alice"]).await.id.value();
    assert!((everyone + 1..=everyone + step).contains(&fourth));
    let at = floor(scene.now());
    scene.clock.advance(Duration::from_millis(1));
    let fifth = scene.send("five", &["alice"]).await.id.value();
    assert!((0..step).contains(&(fifth - floor(scene.now()))));
    if step == 2 {
        assert_eq!([first, everyone, fourth, fifth], [at, at + 5, at + 6, at + 4096]);
    }
}

/// Personal items are even, broadcasts odd, and all have at most 53 bits, in any year.
pub async fn tells_broadcasts_from_personal_items(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let years = [1969, 1970, 2024, 2025, 2026, 2059, 2060, 3000, 9998];
    let mut last = 0;
    for year in years {
        let days = Duration::from_secs(86_400 * 365);
        scene.clock.set(if year < 1970 { UNIX_EPOCH } else { UNIX_EPOCH + days * (year - 1970) });
        for round in 0..3 {
            let message = Message::info(format!("{year} {round}")).never_expires();
            let personal = scene.send_message(message.clone(), &["alice"]).await.id.value();
            let broadcast = scene.broadcast_message(message).await.id.value();
            assert!(last < personal && personal < broadcast && broadcast <= MAX_POSITION);
            assert_eq!((personal % 2, broadcast % 2), (0, 1));
            last = broadcast;
        }
    }
    assert_eq!(scene.unread("alice").await, 54);
}

/// Positions rise when the clock jumps back or ahead, and newest first is by position.
pub async fn rises_although_the_clock_jumps(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let start = scene.now();
    let mut expected = Vec::new();
    let mut last = 0;
    for (number, jump) in [0_u64, 5_000, 3, 60_000, 0, 59_000, 4, 4].into_iter().enumerate() {
        scene.clock.set(start + Duration::from_secs(jump));
        let text = format!("{number}");
        let sent = if number % 3 == 2 {
            scene.broadcast(&text).await
        } else {
            scene.send(&text, &["alice"]).await
        };
        assert!(sent.id.value() > last);
        last = sent.id.value();
        expected.insert(0, text);
        let item = scene.item("alice", &format!("{number}")).await;
        assert_eq!(item.date, scene.now(), "the date is the clock's, not the position's");
    }
    assert_eq!(scene.archive("alice").await, expected);
}

/// Going back in time does not make an older page's `as_of` cover what came later.
pub async fn protects_marks_from_the_clock(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let start = scene.now();
    scene.pass(3600);
    scene.send("one", &["alice"]).await;
    let as_of = scene.count("alice").await.as_of;
    scene.clock.set(start);
    scene.send("two", &["alice"]).await;
    scene.broadcast("three").await;
    scene.mark_all("alice", as_of).await;
    assert_eq!(scene.inbox("alice").await, ["three", "two"]);
    let one = scene.item("alice", "one").await.id;
    scene.keep("alice", one).await;
    scene.mark_all("alice", as_of).await;
    assert_eq!(scene.inbox("alice").await, ["three", "two", "one"]);
}

/// Two handles share one order.
pub async fn is_one_for_all_handles(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    let mut last = 0;
    for number in 0..20 {
        let by = if number % 2 == 0 { &scene } else { &other };
        let sent = by.send(&format!("{number}"), &["alice"]).await;
        assert!(sent.id.value() > last);
        last = sent.id.value();
        let seen = if number % 2 == 0 { &other } else { &scene };
        assert!(seen.get("alice", ItemId::new(last)).await.is_some());
    }
    let as_of = other.store.count(scene.now(), &id("alice")).await.unwrap().as_of;
    assert!(scene.mark_all("alice", as_of).await);
    assert_eq!(other.unread("alice").await, 0);
}
