//! Writing one group of requests in one transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::directory::{Directory, Kept, not_found};
use super::writer::{Groups, Job, Request, SendRequest};
use super::{Audience, Database, SendTo, Subject, Transaction, Verdict, Wanted};
use crate::store::NewMessage;
use crate::{Error, UserId};

/// How long to try to find out what became of a commit whose answer was lost.
const FIND_OUT: Duration = Duration::from_secs(10);
/// How often a group is tried that got into the way of others.
const TRIES: u32 = 5;

/// Writes groups, and remembers users' ids from one to the next.
pub(super) struct Group<D> {
    database: Arc<D>,
    directory: Directory,
    groups: Arc<Groups>,
}

/// Why a group was not committed.
enum Failure {
    /// There is no server, or another process held the clock all the time: nobody's fault, and
    /// trying one by one would make each wait as long again. Nothing was done.
    NotBegun(Error),
    /// The connection broke off before the commit. Nothing was done.
    Lost(Error),
    /// It and another transaction waited for each other, and this one was chosen to go back. Nothing
    /// was done.
    Crossed(Error),
    /// One of the members failed. Nothing was done.
    Within(Error),
    /// The connection broke off in the commit, and nobody can say whether it was done.
    Unknown(Error),
}

/// How far a group's work got.
enum Work {
    /// All but the commit.
    Done,
    /// The commit too: with an error, nobody knows whether it was done.
    Committed,
}

impl Failure {
    fn of<D: Database>(failure: D::Failure) -> Self {
        match D::verdict(&failure) {
            Verdict::Lost => Self::Lost(D::error(failure)),
            Verdict::Crossed => Self::Crossed(D::error(failure)),
            Verdict::Refused | Verdict::Unclear => Self::Within(D::error(failure)),
        }
    }

    fn into_error(self) -> Error {
        let (Self::NotBegun(error)
        | Self::Lost(error)
        | Self::Crossed(error)
        | Self::Within(error)
        | Self::Unknown(error)) = self;
        error
    }
}

impl<D: Database> Group<D> {
    pub(super) fn new(database: Arc<D>, groups: Arc<Groups>) -> Self {
        Self { database, directory: Directory::default(), groups }
    }

    /// Commits the requests together and answers them. If one of them fails, they are done one by
    /// one, so that nobody fails for another's sake; no savepoints are needed.
    pub(super) async fn commit(&mut self, mut requests: Vec<Request<D>>) {
        let mut done = self.commit_insistently(&mut requests).await;
        if let Err(Failure::Lost(_)) = done {
            // Nothing was done: another connection may fare better.
            done = self.commit_insistently(&mut requests).await;
        }
        match done {
            Ok(()) => requests.into_iter().for_each(|request| request.answer(Ok(()))),
            Err(Failure::Within(_)) if requests.len() > 1 => {
                for mut request in requests {
                    let alone = std::slice::from_mut(&mut request);
                    let done = self.commit_insistently(alone).await;
                    request.answer(done.map_err(Failure::into_error));
                }
            }
            Err(failure) => {
                let error = failure.into_error();
                let mut rest = requests.into_iter();
                // One of them is told the cause, which cannot be copied.
                let first = rest.next();
                rest.for_each(|request| request.answer(Err(error.repeated())));
                if let Some(first) = first {
                    first.answer(Err(error));
                }
            }
        }
    }

    /// Again, a few times, where another transaction got into the way.
    async fn commit_insistently(&mut self, requests: &mut [Request<D>]) -> Result<(), Failure> {
        let mut tries = 1;
        loop {
            match self.commit_together(requests).await {
                Err(Failure::Crossed(_)) if tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn commit_together(&mut self, requests: &mut [Request<D>]) -> Result<(), Failure> {
        let (surely, perhaps) = (recipients(requests, false), recipients(requests, true));
        let tx = self.begin(surely, perhaps).await?;
        let committed = match self.work(&tx, requests).await {
            Ok((kept, Work::Committed)) => Ok(kept),
            Ok((kept, Work::Done)) => tx.commit().await.map(|()| kept),
            Err((error, Work::Committed)) => Err(error),
            Err((error, Work::Done)) => {
                tx.roll_back().await;
                return Err(Failure::of::<D>(error));
            }
        };
        match committed {
            Ok(kept) => {
                self.directory.are_kept(&kept);
                self.groups.add(requests.len());
                Ok(())
            }
            // The server says that it did not commit.
            Err(error) if matches!(D::verdict(&error), Verdict::Refused | Verdict::Crossed) => {
                tx.roll_back().await;
                Err(Failure::of::<D>(error))
            }
            Err(error) => self.find_out(first_sent(requests), D::error(error)).await,
        }
    }

    /// Begins a transaction in which the recipients' ids are right.
    async fn begin(
        &mut self,
        surely: Vec<UserId>,
        perhaps: Vec<UserId>,
    ) -> Result<Arc<D::Tx>, Failure> {
        loop {
            let session = self.database.session().await.map_err(Failure::NotBegun)?;
            for (users, kept) in [(&surely, Kept::Surely), (&perhaps, Kept::Perhaps)] {
                let resolved = self.directory.resolve::<D>(&session, users, kept).await;
                if !resolved.map_err(Failure::of::<D>)? {
                    return Err(Failure::Within(not_found::<D>()));
                }
            }
            if !self.directory.knows(&surely) {
                // Found out while the others were looked up that somebody was forgotten.
                continue;
            }
            let tx = self.database.begin(session).await.map_err(|e| match Failure::of::<D>(e) {
                Failure::Within(error) => Failure::NotBegun(error),
                lost => lost,
            })?;
            let has_none = surely.is_empty() && perhaps.is_empty();
            if has_none || tx.forgotten() == self.directory.forgotten() {
                return Ok(Arc::new(tx));
            }
            // Somebody was forgotten since: ids may have changed.
            self.directory.clear();
            tx.roll_back().await;
        }
    }

    /// Does what is asked for, and where that saves a round trip commits it too. Gives the ids of
    /// users of whom something is kept from now on; with an error, how far it got.
    async fn work(
        &self,
        tx: &Arc<D::Tx>,
        requests: &mut [Request<D>],
    ) -> Result<(Vec<i64>, Work), (D::Failure, Work)> {
        let not_yet = |error| (error, Work::Done);
        let mut sends = Vec::new();
        let mut others: HashMap<Subject, Vec<&mut Box<dyn Job<D>>>> = HashMap::new();
        for request in requests {
            match request {
                Request::Send(send) => sends.push(send),
                Request::Other(job) => others.entry(job.subject().clone()).or_default().push(job),
            }
        }
        // Copies share what they hold; the requests take the results while these are written.
        let messages: Vec<NewMessage> = sends.iter().map(|send| send.message.clone()).collect();
        let wanted = sends.iter().zip(&messages);
        let wanted: Vec<Wanted<'_>> = wanted.map(|(send, said)| self.wanted(send, said)).collect();
        let (results, mut plan) = tx.plan(&wanted).await.map_err(not_yet)?;
        let mut kept = Vec::new();
        for ((send, wanted), result) in sends.into_iter().zip(&wanted).zip(results) {
            if let (Audience::Few(ids), Ok(_)) = (&wanted.audience, &result) {
                kept.extend(self.directory.perhaps(ids));
            }
            send.result = Some(result);
        }
        if others.is_empty() && kept.is_empty() && tx.is_simple(&plan) {
            let committed = tx.write_and_commit(&mut plan).await;
            return committed
                .map(|()| (kept, Work::Committed))
                .map_err(|error| (error, Work::Committed));
        }
        tx.write(&mut plan).await.map_err(not_yet)?;
        if !kept.is_empty() {
            tx.keep(&kept).await.map_err(not_yet)?;
        }
        // What is about the same thing goes one after another, the rest at the same time.
        let subjects = others.into_values().map(|jobs| async {
            for job in jobs {
                job.run(Arc::clone(tx)).await?;
            }
            Ok::<_, D::Failure>(())
        });
        try_join_all(subjects).await.map_err(not_yet)?;
        Ok((kept, Work::Done))
    }

    fn wanted<'a>(&self, send: &SendRequest, message: &'a NewMessage) -> Wanted<'a> {
        let audience = match &send.to {
            SendTo::Everyone { newcomers } => Audience::Everyone { newcomers: *newcomers },
            SendTo::Few(list) => {
                let ids = list.as_slice().iter().filter_map(|user| self.directory.id(user));
                Audience::Few(ids.collect())
            }
        };
        Wanted { now: send.now, message, audience }
    }

    /// After a commit whose answer was lost: whether the messages are there. The clock is held while
    /// looking, so a transaction that is still on its way is waited for.
    async fn find_out(&self, sent: Option<(i64, String)>, lost: Error) -> Result<(), Failure> {
        let Some((position, said)) = sent else {
            return Err(Failure::Unknown(Error::transient(
                D::NAME,
                "the connection broke off while writing: it is not known whether it was done; try \
                 again",
            )));
        };
        let deadline = Instant::now() + FIND_OUT;
        while Instant::now() < deadline {
            if let Ok(session) = self.database.session().await
                && let Ok(text) = self.text_at(session, position).await
            {
                // A server that lost the commit may have given the position to somebody else.
                if text == Some(said) {
                    return Ok(());
                }
                return Err(Failure::Lost(lost));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Failure::Unknown(lost))
    }

    async fn text_at(
        &self,
        session: D::Session,
        position: i64,
    ) -> Result<Option<String>, D::Failure> {
        let tx = self.database.begin(session).await?;
        let text = tx.text_at(position).await;
        tx.roll_back().await;
        text
    }
}

/// All users to whom these requests send, sorted, none twice: those of requests with an idempotency
/// key, which may be refused, or those of the others.
fn recipients<D: Database>(requests: &[Request<D>], with_key: bool) -> Vec<UserId> {
    let mut users = Vec::new();
    for request in requests {
        if let Request::Send(send) = request
            && let SendTo::Few(list) = &send.to
            && send.message.idempotency().is_some() == with_key
        {
            users.extend_from_slice(list.as_slice());
        }
    }
    users.sort_unstable();
    users.dedup();
    users
}

/// The position and text of a message that was sent in this transaction, if one was.
fn first_sent<D: Database>(requests: &[Request<D>]) -> Option<(i64, String)> {
    requests.iter().find_map(|request| match request {
        Request::Send(send) => match &send.result {
            Some(Ok(done)) if !done.repeated => {
                Some((done.id.value(), send.message.message().text().to_owned()))
            }
            _ => None,
        },
        Request::Other(_) => None,
    })
}
