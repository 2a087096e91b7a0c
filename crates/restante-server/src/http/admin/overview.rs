//! The first page: what was done by day, how the server is, what was sent last.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use restante::Messages;
use restante::store::SentFilter;

use super::chart::{self, Chart};
use super::health::{self, Line};
use super::number::{counted, grouped};
use super::problem::Problem;
use super::row::SentRow;
use super::sent::SenderNames;
use super::shell::Shell;
use super::signed_in::Admin;
use crate::dates;
use crate::http::App;

/// How many messages are shown.
const RECENT: usize = 5;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    shell: Shell,
    now: String,
    version: &'static str,
    figures: Vec<Figure>,
    chart: Chart,
    health: Vec<Line>,
    recent: Vec<SentRow>,
}

/// A figure, what it is of, and a note.
struct Figure {
    name: &'static str,
    told: String,
    note: String,
}

/// `GET /admin`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
) -> Result<Html<String>, Problem> {
    let now = app.restante.now();
    let (health, load) = health::look(&app).await;
    let days = app.store().days(chart::first_day(now)).await?;
    let filter = SentFilter { limit: RECENT, ..SentFilter::default() };
    let sent = app.restante.sent(filter).await?;
    let names = SenderNames::new(&app.store().api_keys().await?);
    let today = chart::today(now, &days);
    let marks = counted(today.read_all, "time");
    let figures = vec![
        Figure::new("Sent today", today.sent, "messages; a list counts once".to_owned()),
        Figure::new("Read today", today.read, format!("and all marked read {marks}")),
        match load {
            Some(load) => Figure::new("Outbox", load.outbox_waiting, refused(load.outbox_refused)),
            None => Figure { name: "Outbox", told: "–".to_owned(), note: "not known".to_owned() },
        },
        Figure::new(
            "Open connections",
            app.figures.connections(),
            format!("to this server, {}", counted(app.figures.streams(), "live stream")),
        ),
    ];
    let page = OverviewPage {
        shell: Shell::new(&app, &admin, "/admin").saying(&messages).await,
        now: dates::full(now),
        version: env!("CARGO_PKG_VERSION"),
        figures,
        chart: Chart::new(now, &days),
        health,
        recent: sent
            .messages
            .iter()
            .map(|sent| SentRow::new(now, sent, names.of(&sent.sender)))
            .collect(),
    };
    Ok(Html(page.render()?))
}

impl Figure {
    fn new(name: &'static str, number: u64, note: String) -> Self {
        Self { name, told: grouped(number), note }
    }
}

fn refused(rows: u64) -> String {
    match rows {
        0 => "rows waiting to be sent".to_owned(),
        rows => format!("rows waiting; {} refused", grouped(rows)),
    }
}
