//! Senders and readers at work while their server fails, and what is there afterwards.
#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses a part of it")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use restante::{Filter, Message, Restante, Store};
use restante_testkit::outside::Outside;
use tokio::task::JoinSet;

/// How soon after the server's return everything has to work again.
pub(crate) const RECOVERY: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Desk {
    restante: Restante,
    next: Arc<AtomicU64>,
    acknowledged: Arc<Mutex<Vec<u64>>>,
    failures: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

pub(crate) struct Load {
    desk: Desk,
    tasks: JoinSet<()>,
}

/// What became of the messages that were sent.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    pub(crate) twice: usize,
    pub(crate) failures: u64,
}

impl Load {
    pub(crate) fn start(store: impl Store) -> Self {
        let desk = Desk {
            restante: Restante::new(store),
            next: Arc::default(),
            acknowledged: Arc::default(),
            failures: Arc::default(),
            is_over: Arc::default(),
        };
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            tasks.spawn(desk.clone().send());
            tasks.spawn(desk.clone().read());
        }
        Self { desk, tasks }
    }

    pub(crate) fn failures(&self) -> u64 {
        self.desk.failures.load(Ordering::Relaxed)
    }

    /// How long it takes until sending and reading work.
    pub(crate) async fn works_again(&self) -> Duration {
        let (began, restante) = (Instant::now(), &self.desk.restante);
        loop {
            let sent = restante.send(Message::info("probe"), "probe").await;
            let read = restante.inbox("probe").unwrap().list(Filter::unread()).await;
            if sent.is_ok() && read.is_ok() {
                return began.elapsed();
            }
            assert!(began.elapsed() < 6 * RECOVERY, "{sent:?} {read:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets everybody finish and looks into the database.
    pub(crate) async fn finish(mut self, database: &str) -> Found {
        self.desk.is_over.store(true, Ordering::Relaxed);
        while let Some(task) = self.tasks.join_next().await {
            task.unwrap();
        }
        let texts = Outside::connect(database).await.unwrap().texts().await.unwrap();
        let acknowledged = self.desk.acknowledged.lock().unwrap();
        let lost = acknowledged.iter().filter(|n| !texts.contains_key(&format!("load {n}")));
        let twice = texts.iter().filter(|(text, times)| **times > 1 && *text != "probe");
        let found = Found {
            acknowledged: acknowledged.len(),
            lost: lost.count(),
            twice: twice.count(),
            failures: self.failures(),
        };
        println!("{found:?}");
        found
    }
}

impl Desk {
    async fn send(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let user = format!("user-{}", n % 40);
            match self.restante.send(Message::info(format!("load {n}")), user).await {
                Ok(_) => self.acknowledged.lock().unwrap().push(n),
                Err(error) => self.failed(&error).await,
            }
        }
    }

    async fn read(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let inbox = self.restante.inbox(format!("user-{}", fastrand::u8(..40))).unwrap();
            if let Err(error) = inbox.list(Filter::unread()).await {
                self.failed(&error).await;
            }
        }
    }

    async fn failed(&self, error: &restante::Error) {
        assert!(error.is_transient(), "{error:?}");
        self.failures.fetch_add(1, Ordering::Relaxed);
        // As a client would that was told to try again.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
