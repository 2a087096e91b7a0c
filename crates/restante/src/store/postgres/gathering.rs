//! Inboxes and counts, of all who ask while the connections are busy at once.
//!
//! As with writing, what is under way is the time in which the next group gathers: a caller alone is
//! answered at once, and many share the cost of a statement and of waking up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::time::timeout;

use super::connector::Link;
use super::glance::{self, Glance, Wanted};
use super::readers::Readers;
use super::session::Session;
use super::store::{no_answer, read};
use super::{NAME, Result as Inner};
use crate::store::bodies::Bodies;
use crate::store::paging::{Answer, Ask, Personal};
use crate::store::shared_view::{Body, SharedView};
use crate::{Error, UserId};

/// Most callers in one statement. More save little, and all wait for the longest page.
const TOGETHER: usize = 32;
/// Most callers who wait; further ones wait for room.
const QUEUE: usize = 4_096;
/// How often is asked again because broadcasts changed meanwhile.
const TRIES: u32 = 5;

/// What is unread, and the broadcasts of the same moment. `None` where only a snapshot can tell.
type Found = Option<(Answer, Arc<SharedView>)>;

/// The callers' end of the queue. The tasks end when it is dropped.
#[derive(Debug)]
pub(super) struct Gathering {
    readers: Arc<Readers>,
    patience: Duration,
    queue: Mutex<Option<mpsc::Sender<Asked>>>,
}

/// One caller.
#[derive(Debug)]
struct Asked {
    now: i64,
    user: UserId,
    below: i64,
    at_most: i32,
    caller: oneshot::Sender<Result<Found, Error>>,
}

impl Gathering {
    pub(super) fn new(readers: Arc<Readers>, patience: Duration) -> Self {
        Self { readers, patience, queue: Mutex::new(None) }
    }

    /// The unread items and counts of a user.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Found, Error> {
        timeout(self.patience, self.wait(ask)).await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn wait(&self, ask: Ask<'_>) -> Result<Found, Error> {
        // What is lost is asked once more: the tasks may have ended with another's runtime.
        for _ in 0..2 {
            let (caller, answer) = oneshot::channel();
            let at_most = i32::try_from(ask.at_most).unwrap_or(i32::MAX);
            let Ask { now, below, .. } = ask;
            let asked = Asked { now, user: ask.user.clone(), below, at_most, caller };
            if self.queue().send(asked).await.is_ok()
                && let Ok(found) = answer.await
            {
                return found;
            }
        }
        Err(Error::transient(NAME, "the readers were stopped with their runtime; try again"))
    }

    /// The queue of the running tasks. They live in the runtime of the first who asked; when that has
    /// ended, the next one's takes over.
    fn queue(&self) -> mpsc::Sender<Asked> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queue.as_ref().filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (sender, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(AsyncMutex::new(receiver));
        let bodies = Arc::new(Bodies::default());
        for number in 0..self.readers.links().len() {
            let reader = Reader {
                readers: Arc::clone(&self.readers),
                number,
                patience: self.patience,
                bodies: Arc::clone(&bodies),
            };
            tokio::spawn(reader.run(Arc::clone(&receiver)));
        }
        *queue = Some(sender.clone());
        sender
    }
}

impl Asked {
    /// Answers with items and what they say.
    fn found(self, view: &Arc<SharedView>, glance: Glance, bodies: Vec<Option<Body>>) {
        let Glance { mut answer, items, .. } = glance;
        for (row, body) in items.into_iter().zip(bodies) {
            // Swept or retracted between the two statements.
            let Some(body) = body else { return self.tell(Ok(None)) };
            answer.items.push(Personal { row, body, marked: None });
        }
        self.tell(Ok(Some((answer, Arc::clone(view)))));
    }

    fn tell(self, found: Result<Found, Error>) {
        // A caller that has gone away does not want to know.
        let _ = self.caller.send(found);
    }
}

/// Who asks over one of the connections.
struct Reader {
    readers: Arc<Readers>,
    number: usize,
    patience: Duration,
    bodies: Arc<Bodies<Body>>,
}

impl Reader {
    async fn run(self, queue: Arc<AsyncMutex<mpsc::Receiver<Asked>>>) {
        let mut waiting = Vec::with_capacity(TOGETHER);
        loop {
            {
                let mut queue = queue.lock().await;
                if queue.recv_many(&mut waiting, TOGETHER).await == 0 {
                    return;
                }
                gather(&mut waiting, &mut queue).await;
            }
            self.answer(&mut waiting).await;
        }
    }

    /// Answers all who wait.
    async fn answer(&self, waiting: &mut Vec<Asked>) {
        let Err(error) = self.ask(waiting).await else { return };
        if waiting.len() == 1 || error.is_transient() {
            return refuse(waiting, error);
        }
        // Nobody fails for another's sake.
        for asked in std::mem::take(waiting) {
            let mut alone = vec![asked];
            if let Err(error) = self.ask(&mut alone).await {
                refuse(&mut alone, error);
            }
        }
    }

    async fn ask(&self, waiting: &mut Vec<Asked>) -> Result<(), Error> {
        read!(self, session => self.look(&session, waiting))
    }

    /// Answers them, but for those who wait on when this fails.
    async fn look(&self, session: &Session, waiting: &mut Vec<Asked>) -> Inner<()> {
        let mut view = self.readers.view();
        for _ in 0..TRIES {
            // Some have given up meanwhile.
            waiting.retain(|asked| !asked.caller.is_closed());
            if waiting.is_empty() {
                return Ok(());
            }
            let mut wanted = Wanted::default();
            for asked in &*waiting {
                wanted.add(asked.user.as_str(), asked.now, asked.below, asked.at_most);
            }
            if let Some(glances) = glance::look(session, &view, &wanted).await? {
                return self.tell(session, &view, glances, waiting).await;
            }
            view = self.readers.load_view(session).await?;
        }
        // Others changed it all the time.
        waiting.drain(..).for_each(|asked| asked.tell(Ok(None)));
        Ok(())
    }

    /// Answers those at once whose messages are all remembered, and then the others.
    async fn tell(
        &self,
        session: &Session,
        view: &Arc<SharedView>,
        glances: Vec<Glance>,
        waiting: &mut Vec<Asked>,
    ) -> Inner<()> {
        let mut callers: Vec<Option<Asked>> = waiting.drain(..).map(Some).collect();
        let mut late = Vec::new();
        let mut missing = Vec::new();
        for glance in glances {
            let Some(asked) = callers.get_mut(glance.place).and_then(Option::take) else {
                continue;
            };
            let positions: Vec<i64> = glance.items.iter().map(|item| item.position).collect();
            let bodies = self.bodies.find(&positions);
            let before = missing.len();
            let unknown = positions.iter().zip(&bodies).filter(|(_, body)| body.is_none());
            missing.extend(unknown.map(|(position, _)| *position));
            if missing.len() == before {
                asked.found(view, glance, bodies);
            } else {
                late.push((asked, glance, bodies));
            }
        }
        if late.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        let read = match glance::bodies(session, &missing).await {
            Ok(read) => read,
            Err(error) => {
                waiting.extend(late.into_iter().map(|(asked, ..)| asked));
                return Err(error);
            }
        };
        for (asked, glance, mut bodies) in late {
            for (item, body) in glance.items.iter().zip(&mut bodies) {
                if body.is_none() {
                    let found = read.get(&item.position);
                    if let Some((found, bytes)) = found {
                        self.bodies.keep(asked.now, item.position, found, *bytes);
                    }
                    *body = found.map(|(body, _)| body.clone());
                }
            }
            asked.found(view, glance, bodies);
        }
        Ok(())
    }

    // As `read!` asks for them.

    fn readers(&self) -> &Self {
        self
    }

    fn patience(&self) -> Duration {
        self.patience
    }

    async fn session(&self) -> Result<Arc<Session>, Error> {
        let link: &Link = &self.readers.links()[self.number];
        link.session().await
    }

    fn again(&self, error: tokio_postgres::Error, tries: &mut u32) -> Result<(), Error> {
        self.readers.again(error, tries)
    }
}

/// Tells all why there is no answer; one of them with the cause, which cannot be copied.
fn refuse(waiting: &mut Vec<Asked>, error: Error) {
    let last = waiting.pop();
    waiting.drain(..).for_each(|asked| asked.tell(Err(error.repeated())));
    if let Some(last) = last {
        last.tell(Err(error));
    }
}

/// Lets callers who were just answered ask for the next thing. Without it the first of them would be
/// asked for alone.
async fn gather(waiting: &mut Vec<Asked>, queue: &mut mpsc::Receiver<Asked>) {
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
