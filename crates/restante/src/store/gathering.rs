//! Callers who ask at once, answered together.
//!
//! As with group commit, what is under way is the time in which the next group gathers: a caller
//! alone is answered at once, and many share what a question to the server costs, and the waking up.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::Error;

/// Most callers in one question. More save little, and all wait for the longest answer.
const TOGETHER: usize = 32;
/// Most callers who wait; further ones wait for room.
const QUEUE: usize = 4_096;

/// What can be asked of a server for several callers at once.
pub(crate) trait Together: Send + Sync + 'static {
    /// The store's name in errors.
    const NAME: &'static str;
    /// What a caller asks.
    type Question: Send;
    type Answer: Send;

    /// Over how many connections it is asked at the same time.
    fn lanes(&self) -> usize;

    /// Answers those who wait, over one of the connections. On an error those who are still there
    /// have no answer yet.
    fn ask(
        &self,
        lane: usize,
        waiting: &mut Vec<Asked<Self>>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// One caller.
pub(crate) struct Asked<T: Together + ?Sized> {
    pub(crate) question: T::Question,
    caller: oneshot::Sender<Result<T::Answer, Error>>,
}

impl<T: Together> Asked<T> {
    /// Answers.
    pub(crate) fn tell(self, answer: Result<T::Answer, Error>) {
        // A caller that has gone away does not want to know.
        let _ = self.caller.send(answer);
    }

    /// Whether nobody waits for the answer any more.
    pub(crate) fn has_left(&self) -> bool {
        self.caller.is_closed()
    }
}

/// The callers' end of the queue. The tasks end when it is dropped.
pub(crate) struct Gathering<T: Together> {
    server: Arc<T>,
    patience: Duration,
    queue: Mutex<Option<mpsc::Sender<Asked<T>>>>,
}

impl<T: Together> Gathering<T> {
    /// Callers wait as long as `patience`.
    pub(crate) fn new(server: T, patience: Duration) -> Self {
        Self { server: Arc::new(server), patience, queue: Mutex::new(None) }
    }

    /// Asks together with others. The question may have to be asked again, so it is made when needed.
    pub(crate) async fn ask(&self, question: impl Fn() -> T::Question) -> Result<T::Answer, Error> {
        let asked = async {
            // What is lost is asked once more: the tasks may have ended with another's runtime.
            for _ in 0..2 {
                let (caller, answer) = oneshot::channel();
                let asked = Asked { question: question(), caller };
                if self.queue().send(asked).await.is_ok()
                    && let Ok(answer) = answer.await
                {
                    return answer;
                }
            }
            Err(Error::transient(T::NAME, "the readers were stopped with their runtime; try again"))
        };
        timeout(self.patience, asked).await.unwrap_or_else(|_| {
            Err(Error::transient(T::NAME, "the server did not answer in time; try again"))
        })
    }

    /// Asks without waiting for others.
    #[cfg(feature = "redis")]
    pub(crate) async fn ask_alone(&self, question: T::Question) -> Result<T::Answer, Error> {
        let (caller, answer) = oneshot::channel();
        self.server.ask(0, &mut vec![Asked { question, caller }]).await?;
        answer
            .await
            .map_err(|_| Error::internal(T::NAME, "a question was left without an answer"))?
    }

    /// The queue of the running tasks. They live in the runtime of the first who asked; when that has
    /// ended, the next one's takes over.
    fn queue(&self) -> mpsc::Sender<Asked<T>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queue.as_ref().filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (sender, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(AsyncMutex::new(receiver));
        for lane in 0..self.server.lanes() {
            tokio::spawn(run(Arc::clone(&self.server), lane, Arc::clone(&receiver)));
        }
        *queue = Some(sender.clone());
        sender
    }
}

impl<T: Together> std::fmt::Debug for Gathering<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}

async fn run<T: Together>(
    server: Arc<T>,
    lane: usize,
    queue: Arc<AsyncMutex<mpsc::Receiver<Asked<T>>>>,
) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    loop {
        {
            let mut queue = queue.lock().await;
            if queue.recv_many(&mut waiting, TOGETHER).await == 0 {
                return;
            }
            gather(&mut waiting, &mut queue).await;
        }
        // Some have given up meanwhile.
        waiting.retain(|asked| !asked.has_left());
        answer(&*server, lane, &mut waiting).await;
        waiting.clear();
    }
}

/// Lets callers who were just answered ask for the next thing. Without it the first of them would be
/// asked for alone.
async fn gather<T: Together>(waiting: &mut Vec<Asked<T>>, queue: &mut mpsc::Receiver<Asked<T>>) {
    let mut quiet = 0;
    while quiet < 2 && waiting.len() < TOGETHER {
        tokio::task::yield_now().await;
        let before = waiting.len();
        while waiting.len() < TOGETHER
            && let Ok(asked) = queue.try_recv()
        {
            waiting.push(asked);
        }
        quiet = if waiting.len() == before { quiet + 1 } else { 0 };
    }
}

/// Answers all who wait.
async fn answer<T: Together>(server: &T, lane: usize, waiting: &mut Vec<Asked<T>>) {
    if waiting.is_empty() {
        return;
    }
    let Err(error) = server.ask(lane, waiting).await else { return };
    if waiting.len() <= 1 || error.is_transient() {
        return refuse(waiting, error);
    }
    // Nobody fails for another's sake.
    for asked in std::mem::take(waiting) {
        let mut alone = vec![asked];
        if let Err(error) = server.ask(lane, &mut alone).await {
            refuse(&mut alone, error);
        }
    }
}

/// Tells all why there is no answer; one of them with the cause, which cannot be copied.
fn refuse<T: Together>(waiting: &mut Vec<Asked<T>>, error: Error) {
    let last = waiting.pop();
    waiting.drain(..).for_each(|asked| asked.tell(Err(error.repeated())));
    if let Some(last) = last {
        last.tell(Err(error));
    }
}
