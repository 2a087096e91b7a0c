//! One outbox, several who relay it, one of them killed midway.

use std::collections::HashMap;
use std::time::Duration;

use restante::{Filter, Restante};
use restante_testkit::child::Victim;
use restante_testkit::outside::{Outside, open};
use restante_testkit::scale;
use tokio::task::{JoinSet, block_in_place};

use super::COLLEAGUE;

/// Programs that leave messages, each for one user.
const PROGRAMS: usize = 4;
/// How often a relay is killed.
const KILLS: u32 = 3;

/// Each row becomes one message, and each user's come in the order in which they were left.
pub(crate) async fn the_outbox_is_relayed_once_and_in_order(database: &str) {
    let mut relays = vec![relay(database), relay(database)];
    let (over, is_over) = tokio::sync::watch::channel(false);
    let mut programs = JoinSet::new();
    for user in 0..PROGRAMS {
        let (database, is_over) = (database.to_owned(), is_over.clone());
        programs.spawn(async move {
            let mut outside = Outside::connect(&database).await.unwrap();
            let mut left = 0_usize;
            while !*is_over.borrow() {
                let text = format!("{user} {left}");
                outside.leave(&format!("user-{user}"), &text).await.unwrap();
                left += 1;
            }
            (user, left)
        });
    }
    for _ in 0..KILLS * scale() {
        // Rows come all the while, so that it is killed at work.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(200..600))).await;
        let killed = relays.remove(0);
        block_in_place(|| killed.kill()).unwrap();
        relays.push(relay(database));
    }
    over.send_replace(true);
    let left: HashMap<_, _> = programs.join_all().await.into_iter().collect();
    for one in relays {
        block_in_place(|| one.kill()).unwrap();
    }

    let restante = Restante::from_arc(open(database).await.unwrap()).without_background();
    restante.relay().await.unwrap();
    let mut relayed = 0;
    for (user, left) in left {
        let texts = inbox(&restante, &format!("user-{user}")).await;
        let wanted: Vec<_> = (0..left).rev().map(|n| format!("{user} {n}")).collect();
        assert!(texts == wanted, "left: {left}, arrived: {texts:?}");
        relayed += left;
    }
    println!("{relayed} rows were relayed, once and in order");
}

fn relay(database: &str) -> Victim {
    let relay = Victim::start_with(COLLEAGUE, &[database]).unwrap();
    block_in_place(|| relay.first_line()).unwrap();
    relay
}

/// The texts of all that a user has, newest first.
async fn inbox(restante: &Restante, user: &str) -> Vec<String> {
    let inbox = restante.inbox(user).unwrap();
    let (mut texts, mut filter) = (Vec::new(), Filter::unread().limit(100));
    loop {
        let page = inbox.list(filter.clone()).await.unwrap();
        texts.extend(page.items.iter().map(|item| item.message.text().to_owned()));
        match page.next {
            Some(next) => filter = filter.after(next),
            None => return texts,
        }
    }
}
