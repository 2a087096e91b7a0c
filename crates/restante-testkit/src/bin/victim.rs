//! Works on a database as fast as it can until it is killed, and writes a line for everything that
//! was acknowledged. Each line ends with a full stop, so that a cut one can be told.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use restante::{Filter, Message, Restante, To};
use restante_testkit::child::LIST_USERS;
use restante_testkit::outside::{Outside, open};

/// Writes one line for what was acknowledged.
#[derive(Clone, Debug, Default)]
struct Report(Arc<Mutex<()>>);

impl Report {
    fn line(&self, line: &str) {
        let _one_at_a_time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = std::io::stdout().lock();
        // The parent has gone: nobody is interested any more.
        if out.write_all(format!("{line}.\n").as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    }
}

#[tokio::main]
async fn main() -> Worked {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().ok_or("usage: victim DATABASE [FIRST]")?;
    let store = open(&database).await?;
    let Some(first) = arguments.next() else {
        // Only bring the tables up to date.
        return Ok(());
    };
    let next = Arc::new(AtomicU64::new(first.parse()?));
    let restante = Restante::from_arc(store);
    let report = Report::default();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        tasks.spawn(singles(restante.clone(), Arc::clone(&next), report.clone()));
    }
    tasks.spawn(several(restante.clone(), Arc::clone(&next), report.clone()));
    tasks.spawn(lists(restante.clone(), Arc::clone(&next), report.clone()));
    tasks.spawn(broadcasts(restante.clone(), Arc::clone(&next), report.clone()));
    tasks.spawn(reads(restante, report.clone()));
    tasks.spawn(leave(database, next, report));
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

type Worked = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn singles(restante: Restante, next: Arc<AtomicU64>, report: Report) -> Worked {
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let sent = restante
            .send(Message::info(format!("single {n}")), format!("reader-{}", n % 20))
            .key(format!("single {n}"))
            .await?;
        report.line(&format!("single {n} {}", sent.id));
    }
}

async fn several(restante: Restante, next: Arc<AtomicU64>, report: Report) -> Worked {
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let users = [0, 7, 13].map(|step| format!("reader-{}", (n + step) % 20));
        let sent = restante.send(Message::info(format!("several {n}")), users).await?;
        report.line(&format!("several {n} {}", sent.id));
    }
}

async fn lists(restante: Restante, next: Arc<AtomicU64>, report: Report) -> Worked {
    let users: Vec<String> = (0..LIST_USERS).map(|n| format!("listed-{n}")).collect();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let sent = restante.send(Message::info(format!("list {n}")), &users).await?;
        report.line(&format!("list {n} {}", sent.id));
        // Not more lists than can be delivered.
        while restante.receipts(sent.id).await?.delivered != Some(LIST_USERS as u64) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

async fn broadcasts(restante: Restante, next: Arc<AtomicU64>, report: Report) -> Worked {
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let sent = restante.send(Message::info(format!("broadcast {n}")), To::everyone()).await?;
        report.line(&format!("broadcast {n} {}", sent.id));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn reads(restante: Restante, report: Report) -> Worked {
    loop {
        for user in (0..20).map(|n| format!("reader-{n}")) {
            let inbox = restante.inbox(user.as_str())?;
            let page = inbox.list(Filter::unread().limit(5)).await?;
            for item in page.items.iter().filter(|item| !item.everyone) {
                if inbox.mark_read(item.id).await? {
                    report.line(&format!("read {user} {}", item.id));
                }
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Another program, as it were: it knows the table only.
async fn leave(database: String, next: Arc<AtomicU64>, report: Report) -> Worked {
    let mut outside = Outside::connect(&database).await?;
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        outside.leave(&format!("reader-{}", n % 20), &format!("outbox {n}")).await?;
        report.line(&format!("outbox {n}"));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}
