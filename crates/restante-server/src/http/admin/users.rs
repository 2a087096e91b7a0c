//! One user's inbox and archive, as that user sees it. Looking marks nothing read.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use restante::{Filter, Messages, UserId, View};
use serde::Deserialize;

use super::compose::sentence;
use super::number::grouped;
use super::problem::Problem;
use super::row::{ItemRow, Time};
use super::shell::Shell;
use super::signed_in::Admin;
use crate::http::App;

/// Whose inbox, and which page of which view. The id is in the query: in a path `.` would be a step
/// and `a/b` two.
#[derive(Deserialize)]
pub(super) struct UserQuery {
    #[serde(default)]
    id: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "admin/look_up.html")]
struct LookUpPage {
    shell: Shell,
    id: String,
    error: String,
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    shell: Shell,
    user: String,
    /// The same in a query.
    encoded: String,
    unread: String,
    newest: Option<Time>,
    ended: Option<Time>,
    is_archive: bool,
    is_first: bool,
    rows: Vec<ItemRow>,
    older: Option<String>,
}

/// `GET /admin/users?id=&view=unread|archive&after=`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
    query: Result<Query<UserQuery>, QueryRejection>,
) -> Result<(StatusCode, Html<String>), Problem> {
    let Query(query) = query?;
    let shell = Shell::new(&app, &admin, "/admin/users").saying(&messages).await;
    if query.id.is_empty() {
        let page = LookUpPage { shell, id: String::new(), error: String::new() };
        return Ok((StatusCode::OK, Html(page.render()?)));
    }
    let user = match UserId::new(&query.id) {
        Ok(user) => user,
        Err(error) => {
            let page = LookUpPage { shell, id: query.id, error: sentence(error.detail()) };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)));
        }
    };
    let page = user_page(&app, shell, &user, &query).await?;
    Ok((StatusCode::OK, Html(page.render()?)))
}

async fn user_page(
    app: &App,
    shell: Shell,
    user: &UserId,
    query: &UserQuery,
) -> Result<UserPage, Problem> {
    let inbox = app.restante.inbox(user)?;
    let mut filter = Filter::default();
    if !query.view.is_empty() {
        filter.view = query.view.parse()?;
    }
    if !query.after.is_empty() {
        filter.after = Some(query.after.parse()?);
    }
    let is_archive = filter.view == View::Archive;
    let (page, now) = (inbox.list(filter).await?, app.restante.now());
    let newest = inbox.list(Filter::archive().limit(1)).await?;
    let ended = app.store().tokens_ended_at(user).await?;
    Ok(UserPage {
        shell,
        user: user.to_string(),
        encoded: in_query(user.as_str()),
        unread: grouped(page.unread),
        newest: newest.items.first().map(|item| Time::new(now, item.date)),
        ended: ended.map(|time| Time::new(now, time)),
        is_archive,
        is_first: query.after.is_empty(),
        rows: page.items.iter().map(|item| ItemRow::new(now, item)).collect(),
        older: page.next.map(|next| next.to_string()),
    })
}

/// A value as it stands in a query.
pub(super) fn in_query(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
