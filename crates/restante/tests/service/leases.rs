//! Several followers of one name: one reads at a time, another takes over.

use std::time::Duration;

use restante::testing::FixedClock;
use restante::{Message, Restante};

use crate::ground::{Ground, on_each_store, soon, text};

const LEASE: Duration = Duration::from_secs(30);
const NEARLY: Duration = Duration::from_millis(29_999);

async fn send_all(restante: &Restante, texts: &[&str]) {
    for text in texts {
        restante.send(Message::info(*text), "alice").await.unwrap();
    }
}

/// A service for each of two processes, under one clock.
async fn two_processes(ground: &Ground) -> (Restante, Restante, FixedClock) {
    let clock = FixedClock::default();
    let there = Restante::from_arc(ground.second_handle().await).without_background();
    (ground.quiet().with_clock(clock.clone()), there.with_clock(clock.clone()), clock)
}

#[tokio::test]
async fn another_takes_over_when_the_lease_is_given_back() {
    on_each_store(async |ground| {
        let (here, there, _) = two_processes(&ground).await;
        send_all(&here, &["one", "two", "three"]).await;
        let mut first = here.follow("mailer").from_oldest();
        let mut second = there.follow("mailer").from_oldest();
        assert_eq!(text(&mut first).await, "one");
        assert_eq!(text(&mut first).await, "two");
        assert!(!second.begin().await.unwrap());
        let waiting = tokio::spawn(async move { (text(&mut second).await, second) });
        first.close().await.unwrap();
        let (got, mut second) = soon(waiting).await.unwrap();
        assert_eq!(got, "two", "in hand is not done");
        assert_eq!(text(&mut second).await, "three");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_takes_over_when_the_lease_has_run_out() {
    let ground = Ground::memory();
    let (here, there, clock) = two_processes(&ground).await;
    send_all(&here, &["one", "two", "three"]).await;
    let mut first = here.follow("mailer").from_oldest();
    let mut second = there.follow("mailer").from_oldest();
    assert_eq!(text(&mut first).await, "one");
    clock.advance(NEARLY);
    assert!(tokio::time::timeout(LEASE, second.next()).await.is_err(), "one reads at a time");
    clock.advance(Duration::from_millis(1));
    assert_eq!(text(&mut second).await, "one");

    // What the first had read ahead is the second's business now.
    assert!(tokio::time::timeout(LEASE, first.next()).await.is_err());
    assert_eq!(text(&mut second).await, "two");
    clock.advance(LEASE);
    assert_eq!(text(&mut first).await, "two");
    assert_eq!(text(&mut first).await, "three");
}

/// Every call renews the lease, so only handling one entry has to be quicker than it.
#[tokio::test(start_paused = true)]
async fn the_lease_lasts_while_its_holder_reads() {
    let ground = Ground::memory();
    let (here, there, clock) = two_processes(&ground).await;
    send_all(&here, &["one", "two", "three", "four"]).await;
    let mut first = here.follow("mailer").from_oldest().with_lease(LEASE * 10);
    let mut second = there.follow("mailer");
    for want in ["one", "two", "three", "four"] {
        assert_eq!(text(&mut first).await, want);
        assert!(!second.begin().await.unwrap());
        clock.advance(LEASE * 9);
    }
    assert!(!second.begin().await.unwrap());
    clock.advance(LEASE);
    assert!(second.begin().await.unwrap());
}

/// Between `done` and the next call there may be any time at all.
#[tokio::test(start_paused = true)]
async fn who_idles_after_done_reads_nothing_that_another_has() {
    let ground = Ground::memory();
    let (here, there, clock) = two_processes(&ground).await;
    send_all(&here, &["one", "two", "three"]).await;
    let mut first = here.follow("mailer").from_oldest();
    let mut second = there.follow("mailer");
    assert_eq!(text(&mut first).await, "one");
    first.done().await.unwrap();
    clock.advance(LEASE);
    assert_eq!(text(&mut second).await, "two");
    assert!(tokio::time::timeout(LEASE, first.next()).await.is_err(), "`two` is in other hands");
    second.done().await.unwrap();
    second.close().await.unwrap();
    assert_eq!(text(&mut first).await, "three");

    // And where nobody else wanted it, it goes on.
    send_all(&here, &["four"]).await;
    first.done().await.unwrap();
    clock.advance(LEASE * 100);
    assert_eq!(text(&mut first).await, "four");
}

/// Taking the lease again does not bring back what was read under the one before.
#[tokio::test]
async fn who_begins_again_begins_where_the_other_ended() {
    let ground = Ground::memory();
    let (here, there, clock) = two_processes(&ground).await;
    send_all(&here, &["one", "two", "three"]).await;
    let mut first = here.follow("mailer").from_oldest();
    assert_eq!(text(&mut first).await, "one");
    first.done().await.unwrap();
    clock.advance(LEASE);
    let mut second = there.follow("mailer");
    assert_eq!(text(&mut second).await, "two");
    second.done().await.unwrap();
    second.close().await.unwrap();
    assert!(first.begin().await.unwrap());
    assert_eq!(text(&mut first).await, "three");
}

/// A follower with nothing to do costs reads; it writes only to renew its lease, now and then.
#[tokio::test]
async fn waiting_does_not_write_at_every_look() {
    let ground = Ground::sqlite().await;
    let (here, _, clock) = two_processes(&ground).await;
    let mut follower = here.follow("mailer");
    assert!(follower.begin().await.unwrap());
    let outside = ground.outside();
    let wrote = async |follower: &mut restante::Follower| {
        let version = || outside.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap();
        let before: i64 = version();
        let looks = Duration::from_millis(600);
        assert!(tokio::time::timeout(looks, follower.next()).await.is_err());
        version() != before
    };
    assert!(!wrote(&mut follower).await);
    clock.advance(LEASE / 2);
    assert!(wrote(&mut follower).await);
    assert!(!wrote(&mut follower).await);
}

#[tokio::test]
async fn other_names_read_for_themselves() {
    on_each_store(async |ground| {
        let (here, there, _) = two_processes(&ground).await;
        send_all(&here, &["one"]).await;
        for (restante, name) in [(&here, "mailer"), (&there, "push"), (&here, "Mailer")] {
            assert_eq!(text(&mut restante.follow(name).from_oldest()).await, "one");
        }
    })
    .await;
}

/// Many followers in turn, each giving up at some point: every entry is done at least once, in
/// order.
#[tokio::test]
async fn nothing_is_lost_between_holders() {
    on_each_store(async |ground| {
        let (here, there, clock) = two_processes(&ground).await;
        let texts: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        send_all(&here, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let mut done = 0;
        for turn in 0.. {
            let restante = if turn % 2 == 0 { &here } else { &there };
            let mut follower = restante.follow("mailer").from_oldest();
            for _ in 0..turn % 5 {
                assert_eq!(text(&mut follower).await, texts[done]);
                follower.done().await.unwrap();
                done += 1;
                if done == texts.len() {
                    return;
                }
            }
            assert_eq!(text(&mut follower).await, texts[done]);
            if turn % 3 == 0 {
                follower.close().await.unwrap();
            } else {
                clock.advance(LEASE);
            }
        }
    })
    .await;
}
