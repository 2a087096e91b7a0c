//! Two processes that follow by one name, one of them killed midway.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use restante::{Message, Restante};
use restante_testkit::child::Victim;
use restante_testkit::outside::open;
use restante_testkit::scale;
use tokio::task::block_in_place;

use super::COLLEAGUE;

/// How often a follower is killed.
const KILLS: u32 = 3;
/// How long the last entry may take to be read.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whoever reads, every entry is read by somebody.
pub(crate) async fn followers_skip_nothing(database: &str) {
    let restante = Restante::from_arc(open(database).await.unwrap()).without_background();
    let mut followers: Vec<_> = (0..2).map(|_| follower(database)).collect();
    let mut read: HashMap<String, u32> = HashMap::new();
    let mut sent = 0;
    for kill in 0..=KILLS * scale() {
        let until = Instant::now() + Duration::from_millis(fastrand::u64(300..900));
        while Instant::now() < until {
            restante.send(Message::info(format!("entry {sent}")), "alice").await.unwrap();
            sent += 1;
        }
        if kill == KILLS * scale() {
            break;
        }
        // The one that reads, or the one that waits for its turn.
        let victim = followers.remove(fastrand::usize(..2));
        count(&mut read, block_in_place(|| victim.kill()).unwrap());
        followers.push(follower(database));
    }
    let began = Instant::now();
    while read.len() < sent {
        let missing = (0..sent).find(|n| !read.contains_key(&format!("entry {n}")));
        assert!(began.elapsed() < PATIENCE, "entry {missing:?} of {sent} was not read");
        tokio::time::sleep(Duration::from_millis(20)).await;
        for follower in &followers {
            count(&mut read, follower.new_lines());
        }
    }
    let twice = read.values().filter(|times| **times > 1).count();
    println!("{sent} entries were read, {twice} of them twice");
}

fn follower(database: &str) -> Victim {
    Victim::start_with(COLLEAGUE, &[database, "mailer"]).unwrap()
}

fn count(read: &mut HashMap<String, u32>, lines: Vec<String>) {
    for line in lines {
        *read.entry(line).or_default() += 1;
    }
}
