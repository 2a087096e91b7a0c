use std::time::Duration;

use restante::{PostgresStore, Restante, To};
use restante_testkit::postgres::{PostgresServer, or_skipped};
use tokio::runtime::Runtime;

use crate::Result;
use crate::app::{two_threads, user};
use crate::bench::Bench;
use crate::traffic::{message, send_to_random_users};

pub(super) const DATABASE: &str = "postgres";

/// A private server with a million deliveries to 50,000 users and 100 live broadcasts, nothing read.
pub(super) struct Ground {
    pub(super) server: PostgresServer,
    pub(super) runtime: Runtime,
    pub(super) restante: Restante,
    pub(super) users: usize,
}

impl Ground {
    /// `None` without PostgreSQL, which is said aloud.
    pub(super) fn prepare(bench: &Bench) -> Result<Option<Self>> {
        // All of the data fits: it is statements that are measured, not the disk's reading.
        let settings = ["shared_buffers=512MB", "max_wal_size=4GB"];
        let Some(server) = or_skipped(PostgresServer::start_with(&settings)) else {
            return Ok(None);
        };
        let (runtime, users) = (two_threads()?, bench.scale(50_000, 500));
        let restante = runtime.block_on(async {
            let store = PostgresStore::connect(&server.url(DATABASE)).await?;
            let restante = Restante::new(store).without_background();
            fill(bench, &restante, users).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(restante)
        })?;
        server.sql(DATABASE, "VACUUM ANALYZE")?;
        server.sql(DATABASE, "CHECKPOINT")?;
        // What was sent within ten seconds is not remembered, which on most days is little.
        std::thread::sleep(Duration::from_secs(bench.scale(11, 0) as u64));
        Ok(Some(Self { server, runtime, restante, users }))
    }

    /// The server's first process, whose children do the work.
    pub(super) fn process(&self) -> Result<u32> {
        let file = self.server.folder().join("data").join("postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        Ok(text.lines().next().ok_or("no process")?.trim().parse()?)
    }
}

/// As the data set on SQLite: lists and single messages by turns, so that one user's rows lie
/// between those of others, each list in one part. The broadcasts come first, so that the first page
/// is made of rows and not of what the process remembers.
async fn fill(bench: &Bench, restante: &Restante, users: usize) -> Result<()> {
    let (list, singles) = (bench.scale(1_800, 180), bench.scale(1_000, 96));
    for _ in 0..bench.scale(100, 10) {
        restante.send(message(), To::everyone()).await?;
    }
    for _ in 0..bench.scale(100, 10) {
        for _ in 0..5 {
            let to = To::users((0..list).map(|_| user(fastrand::usize(..users))));
            restante.send(message(), to).await?;
        }
        send_to_random_users(restante, singles.min(256), singles, users).await?;
    }
    Ok(())
}
