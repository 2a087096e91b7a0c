//! Two processes that follow by the same name.

use std::time::Duration;

use restante::testing::FixedClock;
use restante::{MemoryStore, Message, Restante};

#[tokio::test]
async fn a_follower_whose_lease_ran_out_gives_nothing_that_it_read_ahead() {
    let clock = FixedClock::default();
    let restante = Restante::new(MemoryStore::new()).with_clock(clock.clone());
    for text in ["one", "two", "three"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    let mut first = restante.follow("mailer").from_oldest();
    assert_eq!(first.next().await.unwrap().message.text(), "one");
    first.done().await.unwrap();

    // It takes its time, and another process takes over.
    clock.advance(Duration::from_secs(31));
    let mut second = restante.follow("mailer");
    assert_eq!(second.next().await.unwrap().message.text(), "two");
    let waiting = tokio::time::timeout(Duration::from_millis(20), first.next()).await;
    assert!(waiting.is_err(), "two at once: {waiting:?}");

    second.done().await.unwrap();
    second.close().await.unwrap();
    assert_eq!(first.next().await.unwrap().message.text(), "three");
}
