//! Reading pages and counts of random users, one after the other, on this thread.

use std::hint::black_box;
use std::time::Instant;

use restante::{Filter, Restante};

use crate::Result;
use crate::app::one_thread;
use crate::timing::rate_since;

/// Pages of 20 a second, each with its count and `as_of`.
pub(crate) fn pages(restante: &Restante, calls: usize, user: impl Fn() -> String) -> Result<f64> {
    let runtime = one_thread()?;
    let start = Instant::now();
    runtime.block_on(async {
        for _ in 0..calls {
            black_box(restante.inbox(user())?.list(Filter::unread()).await?);
        }
        Ok::<_, restante::Error>(())
    })?;
    Ok(rate_since(start, calls))
}

/// Counts a second.
pub(crate) fn counts(restante: &Restante, calls: usize, user: impl Fn() -> String) -> Result<f64> {
    let runtime = one_thread()?;
    let start = Instant::now();
    runtime.block_on(async {
        for _ in 0..calls {
            black_box(restante.inbox(user())?.count().await?);
        }
        Ok::<_, restante::Error>(())
    })?;
    Ok(rate_since(start, calls))
}
