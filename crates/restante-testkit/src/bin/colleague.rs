//! Another process on the same store, until it is killed. It relays the outbox, as every service
//! does, and may follow what is sent.
//!
//! `colleague DATABASE` writes one line when it works; `colleague DATABASE NAME` follows by that
//! name and writes the text of every entry before it asks for the next.

use std::io::Write;
use std::time::Duration;

use restante::Restante;
use restante_testkit::outside::open;

/// How long the place in the log stays with one that was killed.
const LEASE: Duration = Duration::from_millis(700);

type Worked = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Worked {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().ok_or("usage: colleague DATABASE [NAME]")?;
    let restante = Restante::from_arc(open(&database).await?);
    // Whatever is called first starts the background task.
    restante.inbox("nobody")?.count().await?;
    let Some(name) = arguments.next() else {
        say("works")?;
        return std::future::pending().await;
    };
    let mut follower = restante.follow(name).from_oldest().with_lease(LEASE);
    loop {
        let entry = follower.next().await?;
        say(entry.message.text())?;
    }
}

/// Each line ends with a full stop, so that a cut one can be told.
fn say(line: &str) -> Worked {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}.\n").as_bytes())?;
    Ok(out.flush()?)
}
