//! Kills a process that sends, again and again, and looks at what is there afterwards.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::Duration;

use restante_testkit::aftermath::check;
use restante_testkit::child::Victim;
use restante_testkit::scale;

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");
/// Kills of one file before a fresh one is taken.
const KILLS_A_FILE: u32 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    println!("seed {seed}");
    let (mut kills, mut checked, mut cut_lists) = (0, 0, 0);
    while kills < 10 * scale() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crash.db");
        let path = path.to_str().unwrap();
        let mut first = 1;
        for _ in 0..KILLS_A_FILE {
            let victim = Victim::start(VICTIM, path, first).unwrap();
            let work = Duration::from_millis(random.u64(1..600));
            let acknowledged = tokio::task::block_in_place(|| victim.kill_after(work)).unwrap();
            cut_lists += check(path, &acknowledged).await;
            checked += acknowledged.len();
            kills += 1;
            // More than any child can have used.
            first += 1_000_000;
        }
    }
    println!("{kills} kills, {checked} acknowledgements checked, {cut_lists} lists were cut");
    assert!(checked > 0);
}
