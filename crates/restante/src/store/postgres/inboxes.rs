//! Inboxes and counts of several callers, with what their messages say.

use std::sync::Arc;
use std::time::Duration;

use super::glance::{self, Glance, Wanted};
use super::readers::Readers;
use super::session::Session;
use super::store::read;
use super::{NAME, Result as Inner};
use crate::store::bodies::Bodies;
use crate::store::gathering::{Asked, Together};
use crate::store::paging::{Answer, Ask, Personal};
use crate::store::shared_view::{Body, SharedView};
use crate::{Error, UserId};

/// How often is asked again because broadcasts changed meanwhile.
const TRIES: u32 = 5;

/// One user's unread items and counts.
pub(super) struct Question {
    now: i64,
    user: UserId,
    below: i64,
    at_most: i32,
}

impl Question {
    pub(super) fn new(ask: &Ask<'_>) -> Self {
        let Ask { now, user, below, at_most, .. } = *ask;
        let at_most = i32::try_from(at_most).unwrap_or(i32::MAX);
        Self { now, user: user.clone(), below, at_most }
    }
}

/// The connections to ask over, and what this process remembers.
#[derive(Debug)]
pub(super) struct Inboxes {
    readers: Arc<Readers>,
    patience: Duration,
    bodies: Bodies<Body>,
}

impl Inboxes {
    pub(super) fn new(readers: Arc<Readers>, patience: Duration) -> Self {
        Self { readers, patience, bodies: Bodies::default() }
    }
}

impl Together for Inboxes {
    const NAME: &'static str = NAME;
    type Question = Question;
    /// What is unread, and the broadcasts of the same moment. `None` where only a snapshot can tell.
    type Answer = Option<(Answer, Arc<SharedView>)>;

    fn lanes(&self) -> usize {
        self.readers.links().len()
    }

    async fn ask(&self, lane: usize, waiting: &mut Vec<Asked<Self>>) -> Result<(), Error> {
        let lane = Lane { inboxes: self, lane };
        read!(lane, session => self.look(&session, waiting))
    }
}

impl Inboxes {
    async fn look(&self, session: &Session, waiting: &mut Vec<Asked<Self>>) -> Inner<()> {
        let mut view = self.readers.view();
        for _ in 0..TRIES {
            let mut wanted = Wanted::default();
            for Question { now, user, below, at_most } in waiting.iter().map(|a| &a.question) {
                wanted.add(user.as_str(), *now, *below, *at_most);
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
        waiting: &mut Vec<Asked<Self>>,
    ) -> Inner<()> {
        let mut callers: Vec<Option<Asked<Self>>> = waiting.drain(..).map(Some).collect();
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
                asked.tell(Ok(found(view, glance, bodies)));
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
                if body.is_none()
                    && let Some((read, bytes)) = read.get(&item.position)
                {
                    self.bodies.keep(asked.question.now, item.position, read, *bytes);
                    *body = Some(read.clone());
                }
            }
            asked.tell(Ok(found(view, glance, bodies)));
        }
        Ok(())
    }
}

/// Items with what they say; nothing where one was swept or retracted between the two statements.
fn found(
    view: &Arc<SharedView>,
    glance: Glance,
    bodies: Vec<Option<Body>>,
) -> Option<(Answer, Arc<SharedView>)> {
    let Glance { mut answer, items, .. } = glance;
    for (row, body) in items.into_iter().zip(bodies) {
        answer.items.push(Personal { row, body: body?, marked: None });
    }
    Some((answer, Arc::clone(view)))
}

/// One of the connections, as `read!` asks for it.
struct Lane<'a> {
    inboxes: &'a Inboxes,
    lane: usize,
}

impl Lane<'_> {
    fn readers(&self) -> &Self {
        self
    }

    fn patience(&self) -> Duration {
        self.inboxes.patience
    }

    async fn session(&self) -> Result<Arc<Session>, Error> {
        self.inboxes.readers.links()[self.lane].session().await
    }

    fn again(&self, error: tokio_postgres::Error, tries: &mut u32) -> Result<(), Error> {
        self.inboxes.readers.again(error, tries)
    }
}
