//! The one task that writes: group commit.
//!
//! While one group is being made durable the next one gathers in the queue. A group costs a few
//! round trips and one commit however many callers it serves, and it is through one connection that
//! a process asks for the clock.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::committing::Group;
use super::{Database, SendTo, Subject};
use crate::Error;
use crate::store::{NewMessage, Sent};

/// Most requests in one group.
const GROUP: usize = 512;
/// Most recipients in one group: about as many as in one part of a long list.
const RECIPIENTS: usize = 4_000;
/// Most requests that wait; further callers wait for room.
const QUEUE: usize = 4_096;

/// The callers' end of the writer's queue. The task ends when it is dropped, after doing what has
/// been asked for.
pub(crate) struct Writer<D: Database> {
    database: Arc<D>,
    jobs: Mutex<Option<mpsc::Sender<Request<D>>>>,
    groups: Arc<Groups>,
}

/// How many groups were committed, and how many writes in them.
#[derive(Debug, Default)]
pub(super) struct Groups {
    committed: AtomicU64,
    writes: AtomicU64,
}

impl Groups {
    pub(super) fn add(&self, writes: usize) {
        self.committed.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }
}

/// What a caller wants written.
pub(super) enum Request<D: Database> {
    /// The most frequent one. A group's sends are written together, by a few statements.
    Send(Box<SendRequest>),
    Other(Box<dyn Job<D>>),
}

pub(super) struct SendRequest {
    pub(super) now: i64,
    pub(super) message: NewMessage,
    pub(super) to: SendTo,
    pub(super) result: Option<Result<Sent, Error>>,
    pub(super) caller: oneshot::Sender<Result<Sent, Error>>,
}

/// Work of one caller. `run` may be called again after a rollback.
pub(super) trait Job<D: Database>: Send {
    /// Work on the same thing is done one after another, other work at the same time.
    fn subject(&self) -> &Subject;
    fn run(&mut self, tx: Arc<D::Tx>) -> BoxFuture<'_, Result<(), D::Failure>>;
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Call<F, T> {
    subject: Subject,
    work: F,
    result: Option<T>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<D, F, W, T> Job<D> for Call<F, T>
where
    D: Database,
    F: FnMut(Arc<D::Tx>) -> W + Send,
    W: Future<Output = Result<T, D::Failure>> + Send + 'static,
    T: Send,
{
    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn run(&mut self, tx: Arc<D::Tx>) -> BoxFuture<'_, Result<(), D::Failure>> {
        let work = (self.work)(tx);
        Box::pin(async {
            self.result = Some(work.await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let Self { result, caller, .. } = *self;
        // A caller that has gone away does not want to know.
        let _ = caller.send(committed.and_then(|()| result.ok_or_else(not_done::<D>)));
    }
}

impl<D: Database> Request<D> {
    pub(super) fn answer(self, committed: Result<(), Error>) {
        match self {
            Self::Send(send) => {
                let result = send.result.unwrap_or_else(|| Err(not_done::<D>()));
                let _ = send.caller.send(committed.and(result));
            }
            Self::Other(job) => job.answer(committed),
        }
    }

    /// About how much work it is, in recipients.
    fn weight(&self) -> usize {
        match self {
            Self::Send(send) => match &send.to {
                SendTo::Everyone { .. } => 1,
                SendTo::Few(list) => list.as_slice().len(),
            },
            Self::Other(_) => 1,
        }
    }
}

fn not_done<D: Database>() -> Error {
    Error::internal(D::NAME, "the write was not done")
}

fn stopped<D: Database>() -> Error {
    Error::transient(D::NAME, "the writer was stopped with its runtime; try again")
}

impl<D: Database> Writer<D> {
    pub(crate) fn new(database: D) -> Self {
        Self { database: Arc::new(database), jobs: Mutex::new(None), groups: Arc::default() }
    }

    /// What it writes to.
    pub(crate) fn database(&self) -> &D {
        &self.database
    }

    /// How many groups were committed, and how many writes in them.
    pub(crate) fn groups(&self) -> (u64, u64) {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        (read(&self.groups.committed), read(&self.groups.writes))
    }

    /// Does `work` in a transaction, with others', and returns when it is committed.
    ///
    /// `work` may run more than once, each time from the state before it. What it refuses (a
    /// conflict, say) it returns as a value, having written nothing: an `Err` is a failure of the
    /// database and makes the whole group run again one by one.
    pub(crate) async fn write<T, F, W>(&self, subject: Subject, work: F) -> Result<T, Error>
    where
        F: FnMut(Arc<D::Tx>) -> W + Send + 'static,
        W: Future<Output = Result<T, D::Failure>> + Send + 'static,
        T: Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Call { subject, work, result: None, caller });
        self.ask(Request::Other(job)).await?;
        answer.await.map_err(|_| stopped::<D>())?
    }

    /// Sends a message, with others', and returns when it is committed.
    pub(crate) async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: SendTo,
    ) -> Result<Sent, Error> {
        let (caller, answer) = oneshot::channel();
        let (now, message) = (crate::clock::to_millis(now), message.clone());
        let send = SendRequest { now, message, to, result: None, caller };
        self.ask(Request::Send(Box::new(send))).await?;
        answer.await.map_err(|_| stopped::<D>())?
    }

    async fn ask(&self, request: Request<D>) -> Result<(), Error> {
        self.queue().send(request).await.map_err(|_| stopped::<D>())
    }

    /// The queue of the running task. It lives in the runtime of the first who asked; when that has
    /// ended, the next one's takes over.
    fn queue(&self) -> mpsc::Sender<Request<D>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref().filter(|jobs| !jobs.is_closed()) {
            return jobs.clone();
        }
        let (sender, queue) = mpsc::channel(QUEUE);
        let group = Group::new(Arc::clone(&self.database), Arc::clone(&self.groups));
        tokio::spawn(run(group, queue));
        *jobs = Some(sender.clone());
        sender
    }
}

async fn run<D: Database>(mut group: Group<D>, mut queue: mpsc::Receiver<Request<D>>) {
    let mut waiting = VecDeque::new();
    let mut arrived = Vec::with_capacity(GROUP);
    loop {
        let room = GROUP.saturating_sub(waiting.len());
        if waiting.is_empty() {
            if queue.recv_many(&mut arrived, room).await == 0 {
                return;
            }
            waiting.extend(arrived.drain(..));
        }
        gather(&mut waiting, &mut queue).await;
        group.commit(take_some(&mut waiting)).await;
    }
}

/// Lets callers who were just answered ask for the next thing. Without it those who waited meanwhile
/// would be one group and they the next, by turns, each half as large as it could be.
async fn gather<D: Database>(
    waiting: &mut VecDeque<Request<D>>,
    queue: &mut mpsc::Receiver<Request<D>>,
) {
    let mut quiet = 0;
    while quiet < 3 && waiting.len() < GROUP {
        let before = waiting.len();
        while waiting.len() < GROUP
            && let Ok(request) = queue.try_recv()
        {
            waiting.push_back(request);
        }
        quiet = if waiting.len() == before { quiet + 1 } else { 0 };
        tokio::task::yield_now().await;
    }
}

fn take_some<D: Database>(waiting: &mut VecDeque<Request<D>>) -> Vec<Request<D>> {
    let (mut taken, mut weight) = (Vec::with_capacity(waiting.len()), 0);
    while let Some(request) = waiting.pop_front() {
        weight += request.weight();
        taken.push(request);
        if weight >= RECIPIENTS {
            break;
        }
    }
    taken
}

impl<D: Database> fmt::Debug for Writer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
