//! Senders and readers at work while their server fails, and what is there afterwards.
#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses a part of it")]

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use restante::{Filter, Message, Restante, Store};
use restante_testkit::outside::Outside;
use tokio::task::JoinSet;

/// How soon after the server's return everything has to work again.
pub(crate) const RECOVERY: Duration = Duration::from_secs(5);

/// Who is sent something.
const USERS: u64 = 40;

/// One user, and now and then three.
fn recipients(n: u64) -> Vec<String> {
    let to: &[u64] = if n.is_multiple_of(4) { &[0, 13, 27] } else { &[0] };
    to.iter().map(|step| format!("user-{}", (n + step) % USERS)).collect()
}

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

    /// How long it takes until sending and reading work, also where users are on several servers.
    pub(crate) async fn works_again(&self) -> Duration {
        let (began, restante) = (Instant::now(), &self.desk.restante);
        let users: Vec<_> = (0..12).map(|n| format!("probe-{n}")).collect();
        loop {
            let sent = restante.send(Message::info("probe"), &users).await;
            let mut works = sent.as_ref().is_ok_and(|sent| sent.waiting == 0);
            for user in &users {
                works &=
                    restante.inbox(user.as_str()).unwrap().list(Filter::unread()).await.is_ok();
            }
            if works {
                return began.elapsed();
            }
            assert!(began.elapsed() < 6 * RECOVERY, "{sent:?}");
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
        let mut twice =
            texts.iter().filter(|(text, times)| **times > 1 && *text != "probe").count();
        // What was on its way arrives.
        self.desk.restante.deliver_waiting(|_| {}).await.unwrap();
        let mut arrived = HashMap::new();
        for user in 0..USERS {
            twice += self.desk.arrived(user, &mut arrived).await;
        }
        let acknowledged = self.desk.acknowledged.lock().unwrap();
        let is_whole = |n: &&u64| arrived.get(&format!("load {n}")) == Some(&recipients(**n).len());
        let lost = acknowledged.len() - acknowledged.iter().filter(is_whole).count();
        let acknowledged = acknowledged.len();
        let found = Found { acknowledged, lost, twice, failures: self.failures() };
        println!("{found:?}");
        found
    }
}

impl Desk {
    async fn send(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            match self.restante.send(Message::info(format!("load {n}")), recipients(n)).await {
                Ok(_) => self.acknowledged.lock().unwrap().push(n),
                Err(error) => self.failed(&error).await,
            }
        }
    }

    /// Counts what a user has; gives how much of it is there twice.
    async fn arrived(&self, user: u64, arrived: &mut HashMap<String, usize>) -> usize {
        let inbox = self.restante.inbox(format!("user-{user}")).unwrap();
        let (mut own, mut twice) = (HashSet::new(), 0);
        let mut filter = Filter::unread().limit(100);
        loop {
            let page = inbox.list(filter.clone()).await.unwrap();
            for item in page.items {
                if own.insert(item.message.text().to_owned()) {
                    *arrived.entry(item.message.text().to_owned()).or_default() += 1;
                } else {
                    twice += 1;
                }
            }
            match page.next {
                Some(next) => filter = filter.after(next),
                None => return twice,
            }
        }
    }

    async fn read(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let inbox = self.restante.inbox(format!("user-{}", fastrand::u64(..USERS))).unwrap();
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
