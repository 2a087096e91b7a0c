//! What can be done about one user. Each asks again first.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use restante::{Messages, UserId};
use serde::Deserialize;

use super::form::OwnForm;
use super::problem::Problem;
use super::shell::Shell;
use super::signed_in::Admin;
use super::users::in_query;
use crate::http::App;

/// What is to be done about whom.
#[derive(Deserialize)]
pub(super) struct AskQuery {
    #[serde(default)]
    id: String,
    #[serde(default, rename = "do")]
    action: String,
}

#[derive(Template)]
#[template(path = "admin/ask_user.html")]
struct AskPage {
    shell: Shell,
    user: String,
    encoded: String,
    action: Action,
}

/// The words for one action, and where its form goes.
#[derive(Clone, Copy)]
struct Action {
    path: &'static str,
    title: &'static str,
    about: &'static str,
    button: &'static str,
    /// Whether it cannot be undone.
    is_final: bool,
}

const ACTIONS: [Action; 3] = [
    Action {
        path: "forget",
        title: "Forget this user?",
        about: "Everything that is kept of this user is removed: inbox, archive, what was read and \
                when. Counts in receipts stay. The user's tokens are not ended by this. It cannot \
                be undone.",
        button: "Forget for good",
        is_final: true,
    },
    Action {
        path: "export",
        title: "Export all that is kept?",
        about: "A file of JSON with every message of this user's inbox and archive, dismissed ones \
                included, and what is known of the user besides. Keep it as you keep the user's \
                other data.",
        button: "Download JSON",
        is_final: false,
    },
    Action {
        path: "end-tokens",
        title: "Sign this user out everywhere?",
        about: "Every token, session and ticket of this user that was made up to now opens nothing \
                any more, here at once and on other servers within a second, live streams \
                within half a minute. The app has to give new ones.",
        button: "Sign out everywhere",
        is_final: true,
    },
];

/// `GET /admin/users/ask?id=&do=`
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    admin: Admin,
    query: Result<Query<AskQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(AskQuery { id, action }) = query?;
    let action = ACTIONS.into_iter().find(|known| known.path == action);
    let (user, action) = (UserId::new(id)?, action.ok_or(Problem::NotFound)?);
    let page = AskPage {
        shell: Shell::new(&app, &admin, "/admin/users"),
        encoded: in_query(user.as_str()),
        user: user.to_string(),
        action,
    };
    Ok(Html(page.render()?))
}

/// `POST /admin/users/forget`
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let user = user(&form)?;
    if app.restante.forget(&user).await? {
        tracing::info!(key = form.admin.key.id, "a user was forgotten by an admin page");
        messages.success("Forgotten. What is shown below was sent to everyone, or since.");
    } else {
        messages.info("Nothing was kept of this user.");
    }
    Ok(back(&app, &user))
}

/// `POST /admin/users/end-tokens`
pub(super) async fn end_tokens(
    State(app): State<Arc<App>>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let user = user(&form)?;
    app.end_tokens(&user).await?;
    tracing::info!(key = form.admin.key.id, "a user's tokens were ended by an admin page");
    messages.success("Signed out everywhere.");
    Ok(back(&app, &user))
}

/// `POST /admin/users/export`: a form as the others, so that no link makes a copy of somebody's
/// data.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    form: OwnForm,
) -> Result<Response, Problem> {
    let export = app.restante.export(user(&form)?).await?;
    tracing::info!(key = form.admin.key.id, "a user's data was exported by an admin page");
    let json = serde_json::to_vec(&export).map_err(Problem::internal)?;
    let head = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"restante-export.json\""),
    ];
    Ok((head, json).into_response())
}

fn user(form: &OwnForm) -> Result<UserId, Problem> {
    Ok(UserId::new(form.get("id"))?)
}

fn back(app: &App, user: &UserId) -> Redirect {
    let encoded = in_query(user.as_str());
    Redirect::to(&app.site.path(&format!("/admin/users?id={encoded}&view=archive")))
}
