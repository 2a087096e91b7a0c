//! Several processes on one store, some of them killed: what has to hold on every server.
#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses a part of it")]

mod following;
mod relaying;

use std::time::Duration;

pub(crate) use following::followers_skip_nothing;
pub(crate) use relaying::the_outbox_is_relayed_once_and_in_order;
use restante_testkit::aftermath::check;
use restante_testkit::child::Victim;
use restante_testkit::scale;
use tokio::task::block_in_place;

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");
const COLLEAGUE: &str = env!("CARGO_BIN_EXE_colleague");

/// Two processes on one store. One is killed again and again, then the other one too.
pub(crate) async fn nothing_acknowledged_is_lost(database: &str) {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut kills, mut checked, mut cut_lists, mut first) = (0, 0, 0, 1);
    while kills < 3 * scale() {
        // Numbers are far apart, so that no two processes use the same.
        let other = Victim::start(VICTIM, database, first + 1_000_000).unwrap();
        let victim = Victim::start(VICTIM, database, first).unwrap();
        let work = Duration::from_millis(random.u64(50..1_500));
        let mut acknowledged = block_in_place(|| victim.kill_after(work)).unwrap();
        // The other one goes on, with what the killed one left half done.
        let rest = Duration::from_millis(random.u64(50..500));
        let others = block_in_place(|| other.kill_after(rest)).unwrap();
        assert!(!others.is_empty());
        acknowledged.extend(others);
        cut_lists += check(database, &acknowledged).await;
        checked += acknowledged.len();
        kills += 1;
        first += 2_000_000;
    }
    println!("seed {seed}: {kills} kills, {checked} acknowledged, {cut_lists} lists were cut");
    assert!(checked > 0);
}
