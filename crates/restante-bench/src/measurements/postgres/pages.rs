//! A page of 20 with its count and `as_of`, of random users.

use std::hint::black_box;
use std::time::Instant;

use restante::{Filter, Restante};
use tokio::task::JoinSet;

use super::CALLERS;
use super::ground::{DATABASE, Ground};
use super::pgbench::per_second;
use crate::Result;
use crate::app::user;
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::{in_turn, rate_since};

pub(super) fn measure(bench: &Bench, ground: &Ground) -> Result<Vec<Row>> {
    let each = bench.scale(300, 5);
    let same = whole_page(ground)?;
    let bare = bare_page(ground.users);
    let [ours, same, bare] = in_turn(
        bench.rounds(),
        [
            &mut || ground.runtime.block_on(pages(&ground.restante, ground.users, each)),
            &mut || per_second(&ground.server, &same, each),
            &mut || per_second(&ground.server, &bare, each),
        ],
    )?;
    let name = format!("PostgreSQL: page, {CALLERS} callers");
    Ok(vec![
        Row::new(format!("{name}; pgbench, restante_page"), PerSecond, ours)
            .over(same)
            .goal(AtLeast(1.3)),
        Row::new(format!("{name}; pgbench, bare page"), PerSecond, ours)
            .over(bare)
            .goal(AtLeast(0.6)),
    ])
}

async fn pages(restante: &Restante, users: usize, each: usize) -> Result<f64> {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let restante = restante.clone();
        callers.spawn(async move {
            for _ in 0..each {
                let inbox = restante.inbox(user(fastrand::usize(..users)))?;
                black_box(inbox.list(Filter::unread()).await?);
            }
            Ok::<_, restante::Error>(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(rate_since(start, CALLERS * each))
}

/// A page with its counts, for one user and with all that is said, by the store's own function.
fn whole_page(ground: &Ground) -> Result<String> {
    let version = ground.server.sql(DATABASE, "SELECT version FROM restante_clock")?;
    let last = ground.users - 1;
    Ok(format!(
        "\\set u random(0, {last})
        SELECT kind, position, state, until, at, marked, sent_at, expires_at, level, text, tags, \
         url, data FROM restante_page('user-' || :u::text, \
         (extract(epoch FROM now()) * 1000)::bigint, false, 9223372036854775807, 21, {version}, \
         ARRAY[]::bigint[]);\n"
    ))
}

/// The least that shows a page: newest first, one more to know whether there is a next. Neither
/// count nor expiry nor broadcasts nor what was retracted.
fn bare_page(users: usize) -> String {
    let last = users - 1;
    format!(
        "\\set u random(0, {last})
        SELECT d.position, d.at, m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at \
         FROM restante_users u JOIN restante_deliveries d ON d.user_id = u.id AND d.state = 1 \
         JOIN restante_messages m ON m.id = d.position \
         WHERE u.key = 'user-' || :u::text AND d.position > u.read_through \
         ORDER BY d.position DESC LIMIT 21;\n"
    )
}
