//! What the service does by itself, and when it stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use restante::store::{Delivered, Expiry, Relayed, Swept};
use restante::testing::FixedClock;
use restante::{
    Error, MemoryStore, Message, Restante, Store, async_trait, delegate_records, delegate_store,
};
use tokio::runtime::{Builder, Handle};

use crate::ground::{Ground, inbox, next, on_each_store, reached, told_already};

const SECOND: Duration = Duration::from_secs(1);

/// A listener is enough: a process may do nothing but wait for what other programs leave.
#[tokio::test]
async fn a_row_left_with_sql_is_relayed_within_a_second() {
    let ground = Ground::sqlite().await;
    let restante = ground.service();
    let mut events = restante.inbox("alice").unwrap().subscribe();
    for text in ["first", "when all is quiet again"] {
        ground.leave("alice", text);
        let event = tokio::time::timeout(SECOND, events.recv()).await.unwrap().unwrap();
        assert_eq!(event.message.unwrap().text(), text);
    }
    assert_eq!(inbox(&restante, "alice").await.len(), 2);
}

#[tokio::test]
async fn a_long_list_is_delivered() {
    on_each_store(async |ground| {
        let restante = ground.service();
        let mut events = restante.subscribe();
        let sent = restante.send(Message::info("long"), ["a", "b", "c", "d", "e"]).await.unwrap();
        assert_eq!(sent.waiting, 5);
        let mut users = reached(&mut events, 5).await;
        users.sort();
        assert_eq!(users, ["a", "b", "c", "d", "e"]);
        assert_eq!(restante.receipts(sent.id).await.unwrap().delivered, Some(5));
    })
    .await;
}

#[tokio::test]
async fn a_list_that_another_left_half_done_is_finished() {
    on_each_store(async |ground| {
        let other = Restante::from_arc(ground.second_handle().await).without_background();
        let sent = other.send(Message::info("long"), ["a", "b", "c", "d", "e"]).await.unwrap();
        other.store().deliver(other.now(), false).await.unwrap().unwrap();
        assert_eq!(other.receipts(sent.id).await.unwrap().delivered, Some(2));
        drop(other);

        let restante = ground.service();
        let mut events = restante.subscribe();
        reached(&mut events, 3).await;
        assert_eq!(restante.receipts(sent.id).await.unwrap().delivered, Some(5));
        for user in ["a", "b", "c", "d", "e"] {
            assert_eq!(inbox(&restante, user).await, ["long"]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_expired_is_swept() {
    let (ground, clock) = (Ground::memory(), FixedClock::default());
    let restante = ground.service().with_clock(clock.clone());
    let soon = Message::info("soon gone").expires_in(SECOND);
    restante.send(soon, "alice").await.unwrap();
    clock.advance(SECOND);
    tokio::time::sleep(SECOND * 3_600).await;
    assert_eq!(ground.store.sweep(restante.now()).await.unwrap(), Swept::default());
}

#[tokio::test(start_paused = true)]
async fn it_stops_with_the_last_clone() {
    let ground = Ground::memory();
    let restante = ground.service();
    let mut events = restante.subscribe();
    let clone = restante.clone();
    drop(restante);
    tokio::time::sleep(SECOND).await;
    ground.leave("alice", "for the clone");
    assert_eq!(next(&mut events).await.message.unwrap().text(), "for the clone");
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1, "one task however many clones");

    drop(clone);
    ground.leave("alice", "for nobody");
    tokio::time::sleep(SECOND).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert_eq!(Arc::strong_count(&ground.store), 1);
    assert!(events.recv().await.is_none());
    assert_eq!(inbox(&ground.quiet(), "alice").await, ["for the clone"]);
}

/// As in tests of an app, each with its runtime, that share one service.
#[test]
fn it_starts_again_in_another_runtime() {
    let ground = Ground::memory();
    // Without any runtime there is nothing to start, and that is no fault.
    let restante = ground.service();
    let mut events = restante.subscribe();
    assert_eq!(restante.store().name(), "memory");
    for text in ["in the first", "in the second"] {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            ground.leave("alice", text);
            restante.inbox("bob").unwrap().count().await.unwrap();
            assert_eq!(next(&mut events).await.message.unwrap().text(), text);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn without_it_nothing_happens_by_itself() {
    let ground = Ground::memory();
    // Whichever setting comes last.
    let restante = ground.quiet().with_clock(FixedClock::default()).with_expiry(Expiry::default());
    let mut events = restante.subscribe();
    let sent = restante.send(Message::info("long"), ["a", "b", "c"]).await.unwrap();
    ground.leave("alice", "left");
    tokio::time::sleep(SECOND * 3_600).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert!(told_already(&mut events).is_none());
    assert_eq!(restante.receipts(sent.id).await.unwrap().delivered, Some(0));

    assert_eq!(restante.deliver_waiting(|_| {}).await.unwrap(), 3);
    assert_eq!(restante.relay().await.unwrap(), 1);
    assert_eq!(inbox(&restante, "alice").await, ["left"]);
}

/// Fails what upkeep does for as long as it is told to.
#[derive(Clone, Debug)]
struct Failing {
    inside: MemoryStore,
    fails_to_relay: Arc<AtomicBool>,
    fails_to_deliver: Arc<AtomicBool>,
    fails_to_sweep: Arc<AtomicBool>,
}

impl Failing {
    fn new() -> Self {
        let yes = || Arc::new(AtomicBool::new(true));
        Self {
            inside: MemoryStore::with_part_size(2),
            fails_to_relay: yes(),
            fails_to_deliver: yes(),
            fails_to_sweep: yes(),
        }
    }

    /// A long list, a row in the outbox and something to sweep.
    async fn with_work(&self, restante: &Restante, clock: &FixedClock) {
        restante.send(Message::info("brief").expires_in(SECOND), "bob").await.unwrap();
        clock.advance(SECOND);
        self.inside.leave(restante::store::OutboxRow::new("alice", "left"));
        restante.send(Message::info("long"), ["alice", "bob", "carol"]).await.unwrap();
    }
}

fn check(fails: &AtomicBool) -> Result<(), Error> {
    if fails.load(Ordering::Relaxed) {
        return Err(Error::transient("failing", "on purpose"));
    }
    Ok(())
}

#[async_trait]
impl Store for Failing {
    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        check(&self.fails_to_relay)?;
        self.inside.relay(now, expiry, limit).await
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        check(&self.fails_to_deliver)?;
        self.inside.deliver(now, name_users).await
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        check(&self.fails_to_sweep)?;
        self.inside.sweep(now).await
    }

    delegate_store! {
        self.inside => name, send, broadcast, list, count, get, mark_read, mark_unread,
        mark_all_read, dismiss, join, sent, receipts, retract, forget, export, follow, changes,
    }
}

delegate_records!(Failing, inside);

#[tokio::test(start_paused = true)]
async fn a_failing_store_is_tried_again() {
    let (store, clock) = (Failing::new(), FixedClock::default());
    let restante = Restante::new(store.clone()).with_clock(clock.clone());
    store.with_work(&restante, &clock).await;
    tokio::time::sleep(SECOND * 60).await;
    assert!(inbox(&restante, "alice").await.is_empty());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);

    for fails in [&store.fails_to_relay, &store.fails_to_deliver, &store.fails_to_sweep] {
        fails.store(false, Ordering::Relaxed);
    }
    tokio::time::sleep(SECOND * 10).await;
    assert_eq!(inbox(&restante, "alice").await, ["left", "long"]);
    assert_eq!(inbox(&restante, "carol").await, ["long"]);
    assert_eq!(store.inside.sweep(restante.now()).await.unwrap(), Swept::default());
}

/// Whatever it is that fails, the other work goes on beside it.
#[tokio::test(start_paused = true)]
async fn one_failure_does_not_hold_up_the_rest() {
    for failing in 0..3 {
        let (store, clock) = (Failing::new(), FixedClock::default());
        let restante = Restante::new(store.clone()).with_clock(clock.clone());
        let switches = [&store.fails_to_relay, &store.fails_to_deliver, &store.fails_to_sweep];
        for (number, fails) in switches.iter().enumerate() {
            fails.store(number == failing, Ordering::Relaxed);
        }
        store.with_work(&restante, &clock).await;
        tokio::time::sleep(SECOND * 60).await;
        let mut want = vec!["left", "long"];
        if failing < 2 {
            want.remove(failing);
        }
        assert_eq!(inbox(&restante, "alice").await, want);
        let swept = store.inside.sweep(restante.now()).await.unwrap();
        assert_eq!(swept.messages, u64::from(failing == 2));
    }
}
