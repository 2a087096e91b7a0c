//! One sent message: what was said, who got and read it, and taking it back.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use restante::store::Receipts;
use restante::{MessageId, Messages};
use serde::Serialize;

use super::form::OwnForm;
use super::number::{grouped, percent};
use super::problem::Problem;
use super::row::{Counts, SentRow};
use super::sent::SenderNames;
use super::shell::Shell;
use super::signed_in::Admin;
use crate::dates;
use crate::http::App;

#[derive(Template)]
#[template(path = "admin/message.html")]
struct MessagePage {
    shell: Shell,
    row: SentRow,
    counts: Counts,
    progress: Progress,
    expires: String,
    data: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/retract.html")]
struct RetractPage {
    shell: Shell,
    row: SentRow,
    counts: Counts,
}

/// How far a long list is delivered.
#[derive(Serialize)]
pub(super) struct Progress {
    /// How many are to get it; nothing for everyone.
    recipients: Option<u64>,
    delivered: Option<u64>,
    read: u64,
    /// Whether some still wait for it.
    is_waiting: bool,
    /// The delivered of a hundred recipients.
    percent: u64,
}

impl Progress {
    /// Whoever was forgotten before the turn of their part never gets it: that some are missing
    /// means waiting only while parts of any list wait.
    fn new(parts_waiting: u64, receipts: &Receipts) -> Self {
        let (recipients, delivered) = (receipts.sent.recipients, receipts.delivered);
        let (all, done) = (recipients.unwrap_or(0), delivered.unwrap_or(0));
        let may_wait = done < all && receipts.sent.retracted_at.is_none();
        Self {
            recipients,
            delivered,
            read: receipts.read,
            is_waiting: may_wait && parts_waiting > 0,
            percent: percent(done, all),
        }
    }

    fn told(&self) -> String {
        let number = |number: Option<u64>| grouped(number.unwrap_or(0));
        format!("{} of {}", number(self.delivered), number(self.recipients))
    }
}

/// `GET /admin/sent/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
    id: Result<Path<String>, PathRejection>,
) -> Result<Html<String>, Problem> {
    let (receipts, progress) = receipts_and_progress(&app, id).await?;
    let page = MessagePage {
        shell: Shell::new(&app, &admin, "/admin/sent").saying(&messages).await,
        row: row(&app, &receipts).await?,
        counts: Counts::new(receipts.delivered, receipts.read),
        progress,
        expires: receipts.sent.expires_at.map_or("never".to_owned(), dates::full),
        data: receipts.sent.message.raw_data().map(|data| data.get().to_owned()),
    };
    Ok(Html(page.render()?))
}

/// `GET /admin/sent/{id}/progress`, for the page itself to ask.
pub(super) async fn progress(
    State(app): State<Arc<App>>,
    _: Admin,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Progress>, Problem> {
    let (_, progress) = receipts_and_progress(&app, id).await?;
    Ok(Json(progress))
}

/// `GET /admin/sent/{id}/retract`: asks again.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    admin: Admin,
    id: Result<Path<String>, PathRejection>,
) -> Result<Html<String>, Problem> {
    let receipts = receipts(&app, id).await?;
    let page = RetractPage {
        shell: Shell::new(&app, &admin, "/admin/sent"),
        row: row(&app, &receipts).await?,
        counts: Counts::new(receipts.delivered, receipts.read),
    };
    Ok(Html(page.render()?))
}

/// `POST /admin/sent/{id}/retract`
pub(super) async fn retract(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = message_id(id)?;
    if app.restante.retract(id).await? {
        tracing::info!(message = %id, key = form.admin.key.id, "retracted by an admin page");
        messages.success("Retracted: it has left every inbox and every count.");
    } else {
        // Also when somebody else was quicker.
        messages.info("It had been retracted already.");
    }
    Ok(Redirect::to(&app.site.path(&format!("/admin/sent/{id}"))))
}

/// What is no id is the id of nothing.
fn message_id(id: Result<Path<String>, PathRejection>) -> Result<MessageId, Problem> {
    id?.0.parse().map_err(|_| Problem::NotFound)
}

async fn receipts(app: &App, id: Result<Path<String>, PathRejection>) -> Result<Receipts, Problem> {
    Ok(app.restante.receipts(message_id(id)?).await?)
}

/// What waits is asked first: when nothing does, what is counted afterwards is the end.
async fn receipts_and_progress(
    app: &App,
    id: Result<Path<String>, PathRejection>,
) -> Result<(Receipts, Progress), Problem> {
    let parts_waiting = app.store().load().await?.parts_waiting;
    let receipts = receipts(app, id).await?;
    let progress = Progress::new(parts_waiting, &receipts);
    Ok((receipts, progress))
}

async fn row(app: &App, receipts: &Receipts) -> Result<SentRow, Problem> {
    let names = SenderNames::new(&app.store().api_keys().await?);
    let sender = names.of(&receipts.sent.sender);
    Ok(SentRow::new(app.restante.now(), &receipts.sent, sender))
}
