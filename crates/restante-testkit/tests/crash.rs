//! Kills a process that sends, again and again, and looks at what is there afterwards.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use restante::store::SentFilter;
use restante::{Filter, ItemId, MessageId, Restante, SqliteStore};
use restante_testkit::child::{Acknowledged, LIST_USERS, Victim};
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
        let mut first = 1;
        for _ in 0..KILLS_A_FILE {
            let victim = Victim::start(VICTIM, &path, first).unwrap();
            let work = Duration::from_millis(random.u64(1..600));
            let acknowledged = tokio::task::block_in_place(|| victim.kill_after(work)).unwrap();
            cut_lists += check(&path, &acknowledged).await;
            checked += acknowledged.len();
            kills += 1;
            // More than any child can have used.
            first += 1_000_000;
        }
    }
    println!("{kills} kills, {checked} acknowledgements checked, {cut_lists} lists were cut");
    assert!(checked > 0);
}

/// Opens the file as the next process would, and compares. Gives the number of lists that the kill
/// had cut midway.
async fn check(path: &Path, acknowledged: &[Acknowledged]) -> usize {
    let restante = Restante::new(SqliteStore::open(path).await.unwrap()).without_background();
    let cut = unfinished_lists(path);
    restante.relay().await.unwrap();
    restante.deliver_waiting(|_| {}).await.unwrap();
    assert_eq!(unfinished_lists(path), 0);
    let texts = texts(path);
    for (text, times) in &texts {
        assert_eq!(*times, 1, "{text} was sent {times} times");
    }
    for one in acknowledged {
        match one {
            Acknowledged::Single(n, id) => {
                let receipts = restante.receipts(id.parse().unwrap()).await.unwrap();
                assert_eq!(receipts.sent.message.text(), format!("single {n}"));
                assert_eq!(receipts.delivered, Some(1));
            }
            Acknowledged::List(n, id) => {
                let receipts = restante.receipts(id.parse().unwrap()).await.unwrap();
                assert_eq!(receipts.sent.message.text(), format!("list {n}"));
            }
            Acknowledged::Broadcast(n, id) => {
                let id: MessageId = id.parse().unwrap();
                let nobody = restante.inbox("nobody-special").unwrap();
                let item = nobody.get(ItemId::new(id.value())).await.unwrap();
                assert_eq!(item.message.text(), format!("broadcast {n}"));
            }
            Acknowledged::Outbox(n) => {
                assert!(texts.contains_key(&format!("outbox {n}")), "outbox {n} is lost");
            }
            Acknowledged::Read(user, id) => {
                let inbox = restante.inbox(user.as_str()).unwrap();
                let item = inbox.get(id.parse().unwrap()).await.unwrap();
                assert!(item.read_at.is_some() && !item.unread, "{user} {id}");
            }
        }
    }
    lists_are_whole(&restante).await;
    readers_see_each_once(&restante).await;
    let verdict: String =
        connect(path).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    cut
}

/// Every list that got as far as being recorded, acknowledged or not, has reached everyone on it.
async fn lists_are_whole(restante: &Restante) {
    let mut filter = SentFilter { limit: 100, ..SentFilter::default() };
    let mut newest_list = None;
    loop {
        let page = restante.sent(filter.clone()).await.unwrap();
        for sent in page.messages.iter().filter(|m| m.message.text().starts_with("list ")) {
            let receipts = restante.receipts(sent.id).await.unwrap();
            assert_eq!(receipts.delivered, Some(LIST_USERS as u64), "{}", sent.message.text());
            newest_list = newest_list.or(Some(sent.message.text().to_owned()));
        }
        match page.next {
            Some(next) => filter.after = Some(next),
            None => break,
        }
    }
    if let Some(text) = newest_list {
        for user in ["listed-0", "listed-7777", "listed-19999"] {
            let inbox = restante.inbox(user).unwrap();
            let page = inbox.list(Filter::unread().containing(&*text).limit(100)).await.unwrap();
            assert_eq!(page.items.iter().filter(|i| i.message.text() == text).count(), 1);
        }
    }
}

async fn readers_see_each_once(restante: &Restante) {
    for user in (0..20).map(|n| format!("reader-{n}")) {
        let inbox = restante.inbox(user).unwrap();
        let (mut seen, mut filter) = (HashMap::new(), Filter::archive().limit(100));
        loop {
            let page = inbox.list(filter.clone()).await.unwrap();
            for item in page.items {
                let earlier = seen.insert(item.message.text().to_owned(), item.id);
                assert_eq!(earlier, None, "{} is there twice", item.message.text());
            }
            match page.next {
                Some(next) => filter = filter.after(next),
                None => break,
            }
        }
    }
}

fn connect(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

fn unfinished_lists(path: &Path) -> usize {
    let count = "SELECT count(DISTINCT message) FROM restante_parts WHERE position IS NULL";
    connect(path).query_row(count, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
}

/// How often each text was sent.
fn texts(path: &Path) -> HashMap<String, i64> {
    let connection = connect(path);
    let mut select =
        connection.prepare("SELECT text, count(*) FROM restante_messages GROUP BY text").unwrap();
    let texts = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    texts.collect::<Result<_, _>>().unwrap()
}
