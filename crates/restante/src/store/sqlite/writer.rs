//! The one thread that writes: group commit.
//!
//! While one group is being made durable the next one gathers in the queue. A group costs one fsync
//! however many callers it serves. If it fails, its members are done one by one, so that nobody
//! fails for another's sake; no savepoints are needed.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::NAME;
use super::connection::error;
use super::tx::Tx;
use crate::Error;

/// Most writes in one group.
const GROUP: usize = 512;
/// Most writes that wait; further callers wait for room.
const QUEUE: usize = 4_096;

/// The callers' end of the writer's queue. The thread ends when it is dropped, after doing what has
/// been asked for.
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

/// One caller's write. `run` may be called again after a rollback.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Call<F, T> {
    work: F,
    result: Option<T>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<F, T> Job for Call<F, T>
where
    F: FnMut(&mut Tx<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> rusqlite::Result<()> {
        self.result = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let Self { result, caller, .. } = *self;
        let not_done = || Error::internal(NAME, "the write was not done");
        // A caller that has gone away does not want to know.
        let _ = caller.send(committed.and_then(|()| result.ok_or_else(not_done)));
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, Error> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("restante-sqlite".to_owned())
            .spawn(move || run(&connection, queue))
            .map_err(|e| Error::internal(NAME, "the writer cannot start").with_source(e))?;
        Ok(Self { jobs })
    }

    /// Does `work` in a transaction, with others', and returns when it is durable.
    ///
    /// `work` may run more than once, each time from the state before it. What it refuses (a
    /// conflict, say) it returns as a value, having written nothing: an `Err` is a failure of the
    /// database and makes the whole group run again one by one.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let stopped = || Error::internal(NAME, "the writer has stopped");
        let job = Box::new(Call { work, result: None, caller });
        self.jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn run(connection: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        if commit_together(connection, &mut group).is_ok() {
            group.drain(..).for_each(|job| job.answer(Ok(())));
        } else {
            for mut job in group.drain(..) {
                let done = commit_together(connection, std::slice::from_mut(&mut job));
                job.answer(done);
            }
        }
    }
}

fn commit_together(connection: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), Error> {
    let mut tx = Tx::begin(connection).map_err(error)?;
    for job in jobs {
        if let Err(failure) = run_job(job.as_mut(), &mut tx) {
            tx.roll_back();
            return Err(failure);
        }
    }
    tx.commit().map_err(error)
}

/// A fault in one job must not end the thread, and with it everybody's writes: the transaction is
/// rolled back whole, and the job's caller told.
fn run_job(job: &mut dyn Job, tx: &mut Tx<'_>) -> Result<(), Error> {
    match catch_unwind(AssertUnwindSafe(|| job.run(tx))) {
        Ok(done) => done.map_err(error),
        Err(_) => Err(Error::internal(NAME, "a fault in this library; nothing was written")),
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("free", &self.jobs.capacity()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn writer(folder: &tempfile::TempDir) -> Writer {
        let mut connection = Connection::open(folder.path().join("writer.db")).unwrap();
        schema::migrate(&mut connection).unwrap();
        Writer::start(connection).unwrap()
    }

    fn count(tx: &mut Tx<'_>) -> rusqlite::Result<i64> {
        tx.conn.query_row("SELECT count(*) FROM restante_users", [], |row| row.get(0))
    }

    async fn add(writer: &Writer, key: &'static str) -> Result<(), Error> {
        let insert = move |tx: &mut Tx<'_>| {
            tx.conn.execute("INSERT INTO restante_users(key) VALUES (?1)", [key]).map(|_| ())
        };
        writer.write(insert).await
    }

    #[tokio::test]
    async fn one_that_fails_takes_nobody_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        // All of them wait for the first, so they end up in one group.
        let slow = writer.write(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Ok(())
        });
        let bad = writer.write(|tx| tx.conn.execute("INSERT INTO nowhere VALUES (1)", []));
        let (slow, a, bad, b) = tokio::join!(slow, add(&writer, "a"), bad, add(&writer, "b"));
        assert!(slow.is_ok() && a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        assert!(bad.is_err());
        assert_eq!(writer.write(count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_fault_is_told_and_the_thread_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let fault = writer.write(|tx| -> rusqlite::Result<()> {
            tx.conn.execute("INSERT INTO restante_users(key) VALUES ('half')", [])?;
            panic!("on purpose")
        });
        assert!(fault.await.is_err());
        assert_eq!(writer.write(count).await.unwrap(), 0);
    }
}
