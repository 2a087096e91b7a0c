//! What the measurements send.

use std::time::{Duration, Instant};

use restante::{Message, Restante};
use tokio::task::JoinSet;

use crate::Result;
use crate::app::user;

pub(crate) const TEXT: &str = "Your order has shipped and will arrive on Thursday";
pub(crate) const URL: &str = "/orders/48291";

pub(crate) fn message() -> Message {
    Message::info(TEXT).tag("orders").url(URL)
}

/// Sends to random ones of so many users from many tasks at once, and gives the time of each send.
pub(crate) async fn send_to_random_users(
    restante: &Restante,
    callers: usize,
    sends: usize,
    users: usize,
) -> Result<Vec<Duration>> {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let restante = restante.clone();
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(sends / callers);
            for _ in 0..sends / callers {
                let start = Instant::now();
                restante.send(message(), user(fastrand::usize(..users))).await?;
                times.push(start.elapsed());
            }
            Ok::<_, restante::Error>(times)
        });
    }
    let mut times = Vec::with_capacity(sends);
    while let Some(task) = tasks.join_next().await {
        times.extend(task??);
    }
    Ok(times)
}
