//! What was sent, newest first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use restante::store::{ApiKey, SentFilter};
use restante::{Error, Messages};
use serde::Deserialize;

use super::problem::Problem;
use super::row::{Counts, SentRow};
use super::shell::Shell;
use super::signed_in::Admin;
use super::users::in_query;
use crate::http::App;

/// How long a page goes on counting who got and read its messages: that of a long list takes time.
const COUNTING: Duration = Duration::from_secs(2);

/// Which page of which sender's.
#[derive(Deserialize)]
pub(super) struct SentQuery {
    #[serde(default)]
    after: String,
    #[serde(default)]
    sender: String,
}

#[derive(Template)]
#[template(path = "admin/sent.html")]
struct SentPage {
    shell: Shell,
    rows: Vec<(SentRow, Option<Counts>)>,
    senders: Vec<Sender>,
    sender: String,
    /// The same in a query.
    encoded: String,
    /// Where the page after this one begins.
    older: Option<String>,
    is_first: bool,
}

/// Who may have sent something.
struct Sender {
    id: String,
    name: String,
    is_chosen: bool,
}

/// The names of keys, since messages know their ids.
pub(super) struct SenderNames(HashMap<String, String>);

impl SenderNames {
    pub(super) fn new(keys: &[ApiKey]) -> Self {
        Self(keys.iter().map(|key| (key.id.clone(), key.name.clone())).collect())
    }

    /// What a sender is called: the name of its key, or what it calls itself.
    pub(super) fn of(&self, sender: &str) -> String {
        self.0.get(sender).map_or_else(|| sender.to_owned(), |name| format!("“{name}”"))
    }
}

/// `GET /admin/sent?after=&sender=`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
    query: Result<Query<SentQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(SentQuery { after, sender }) = query?;
    let mut filter = SentFilter::default();
    if !after.is_empty() {
        let after = after.parse();
        filter.after = Some(after.map_err(|_| Error::invalid("after", "must be of a page"))?);
    }
    filter.sender = Some(sender.clone()).filter(|sender| !sender.is_empty());
    let (page, keys) = (app.restante.sent(filter).await?, app.store().api_keys().await?);
    let (names, now) = (SenderNames::new(&keys), app.restante.now());
    let began = Instant::now();
    let mut rows = Vec::with_capacity(page.messages.len());
    for sent in &page.messages {
        let counts = if began.elapsed() < COUNTING {
            let receipts = app.store().receipts(now, sent.id, None).await?;
            receipts.map(|receipts| Counts::new(receipts.delivered, receipts.read))
        } else {
            None
        };
        rows.push((SentRow::new(now, sent, names.of(&sent.sender)), counts));
    }
    let shown = SentPage {
        shell: Shell::new(&app, &admin, "/admin/sent").saying(&messages).await,
        rows,
        senders: senders(&keys, &sender),
        encoded: in_query(&sender),
        sender,
        older: page.next.map(|next| next.to_string()),
        is_first: after.is_empty(),
    };
    Ok(Html(shown.render()?))
}

/// The keys, the app itself, and the one that is asked for if it is none of them.
fn senders(keys: &[ApiKey], chosen: &str) -> Vec<Sender> {
    let sender =
        |id: &str, name: String| Sender { id: id.to_owned(), name, is_chosen: id == chosen };
    let app = sender("app", "The app, the command line, the outbox".to_owned());
    let keys = keys.iter().map(|key| sender(&key.id, format!("{} ({})", key.name, key.id)));
    let mut senders: Vec<_> = std::iter::once(app).chain(keys).collect();
    if !chosen.is_empty() && senders.iter().all(|sender| !sender.is_chosen) {
        senders.push(sender(chosen, chosen.to_owned()));
    }
    senders
}
