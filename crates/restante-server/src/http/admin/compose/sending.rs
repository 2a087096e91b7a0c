use std::future::IntoFuture;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use restante::{Error, Message, Messages, SendRequest, Sent, To};
use serde::Deserialize;
use serde_json::json;

use super::check::{self, Wrong};
use super::reading::Composed;
use super::typed::Typed;
use super::user_lines::UserLines;
use super::view::{ComposePage, EveryonePage, Preview, Reaches};
use crate::access::random;
use crate::http::App;
use crate::http::admin::number::counted;
use crate::http::admin::problem::Problem;
use crate::http::admin::shell::Shell;
use crate::http::admin::signed_in::Admin;

const HERE: &str = "/admin/compose";

/// A user to whom it is to go, from the page of that user.
#[derive(Deserialize)]
pub(super) struct BeginQuery {
    #[serde(default)]
    to: String,
}

/// To whom it goes, checked.
enum Recipients {
    Users(Vec<String>),
    Everyone,
}

/// `GET /admin/compose?to=`
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
    query: Result<Query<BeginQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(BeginQuery { to }) = query?;
    let shell = Shell::new(&app, &admin, HERE).saying(&messages).await;
    let reaches = if to.is_empty() { Reaches::NotKnown } else { Reaches::Users(1) };
    let typed = Typed { users: to, ..Typed::fresh(fresh_key()?) };
    let page = ComposePage::new(shell, app.restante.now(), typed, reaches, Vec::new());
    Ok(Html(page.render()?))
}

/// `POST /admin/compose`: shows it again, asks again, or sends.
pub(super) async fn take(
    State(app): State<Arc<App>>,
    messages: Messages,
    headers: HeaderMap,
    composed: Composed,
) -> Result<Response, Problem> {
    let Composed { admin, typed, file, turn } = composed;
    let (now, had_file) = (app.restante.now(), file.is_some());
    let (to, mut wrong) = match recipients(&typed, file) {
        Ok(to) => (Some(to), Vec::new()),
        Err(wrong) => (None, vec![wrong]),
    };
    // A list may be long: what is done with it is done where that may take its time.
    let (to, reaches) = tokio::task::spawn_blocking(move || count(to)).await.map_err(broke_off)?;
    let message = check::message(now, &typed);
    wrong.extend(message.as_ref().err().into_iter().flatten().cloned());

    let shell = Shell::new(&app, &admin, HERE);
    let again = |shell, typed, wrong| {
        let page = ComposePage::new(shell, now, typed, reaches, wrong);
        ComposePage { had_file, ..page }.render()
    };
    // Who goes back to writing, or wants to see it first, is not told what is missing yet.
    if typed.action == "write" {
        return Ok(Html(again(shell, typed, Vec::new())?).into_response());
    }
    let (Ok(message), Some(to), true) = (message, to, wrong.is_empty()) else {
        let page = Html(again(shell, typed, wrong)?);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    if typed.action == "preview" {
        return Ok(Html(again(shell, typed, Vec::new())?).into_response());
    }
    if matches!(to, Recipients::Everyone) && typed.action != "everyone" {
        let page = EveryonePage {
            shell,
            carried: typed.carried(),
            newcomers: typed.newcomers,
            preview: Preview::new(now, &typed, reaches),
        };
        return Ok(Html(page.render()?).into_response());
    }
    let request = request(&app, &admin, &typed, message, to);
    let runtime = tokio::runtime::Handle::current();
    let sent = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        runtime.block_on(request.into_future())
    });
    match sent.await.map_err(broke_off)? {
        Ok(sent) => Ok(answer(&app, &admin, &messages, &headers, sent)),
        // What nobody can mend here is not the form's fault.
        Err(error) if error.field().is_none() => Err(error.into()),
        Err(error) => {
            let (typed, wrong) = refused(typed, &error)?;
            let page = Html(again(shell, typed, vec![wrong])?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Where the ids are that count, and what is wrong with them.
fn recipients(typed: &Typed, file: Option<UserLines>) -> Result<Recipients, Wrong> {
    let users = match typed.to.as_str() {
        "everyone" => return Ok(Recipients::Everyone),
        "list" => match file {
            Some(_) if !typed.list.trim().is_empty() => {
                let both = "Choose a file or paste a list, not both.";
                return Err(Wrong::new("list", "List", both));
            }
            Some(file) => file.finish().map_err(|why| Wrong::new("file", "File", why)),
            None => {
                let list = UserLines::of(&typed.list).finish();
                list.map_err(|why| Wrong::new("list", "List", why))
            }
        },
        _ => {
            let users = UserLines::of(&typed.users).finish();
            users.map_err(|why| Wrong::new("users", "To", why))
        }
    };
    users.map(Recipients::Users)
}

/// Leaves out who is named twice, and counts the rest.
fn count(to: Option<Recipients>) -> (Option<Recipients>, Reaches) {
    match to {
        None => (None, Reaches::NotKnown),
        Some(Recipients::Everyone) => (Some(Recipients::Everyone), Reaches::Everyone),
        Some(Recipients::Users(mut users)) => {
            users.sort_unstable();
            users.dedup();
            let reaches = Reaches::Users(users.len());
            (Some(Recipients::Users(users)), reaches)
        }
    }
}

fn request(
    app: &App,
    admin: &Admin,
    typed: &Typed,
    message: Message,
    to: Recipients,
) -> SendRequest {
    let to = match to {
        Recipients::Users(users) => To::users(users),
        Recipients::Everyone => To::everyone(),
    };
    let is_for_newcomers = typed.newcomers && typed.to == "everyone";
    let request = app.restante.send(message, to).sender(&admin.key.id).key(&typed.key);
    if is_for_newcomers { request.newcomers() } else { request }
}

/// The form with what is wrong with it. A key that met other content is that of a page that was
/// sent before: the same page gets a new one, so that it can be sent as what it is now.
fn refused(mut typed: Typed, error: &Error) -> Result<(Typed, Wrong), Problem> {
    let field = error.field().unwrap_or_default();
    if error.is_conflict() || field == "key" {
        typed.key = fresh_key()?;
        let why = "This page was sent already, and then changed. What was sent is under Sent; \
                   press Send once more to send this as another message.";
        return Ok((typed, Wrong::new("send", "Send", why)));
    }
    let (place, label) = match field {
        "to" if typed.to == "list" => ("list", "List"),
        "to" => ("users", "To"),
        "expires" => ("expires_at", "Expires"),
        _ => ("message", "Message"),
    };
    Ok((typed, Wrong::new(place, label, super::sentence(error.detail()))))
}

/// The way to what was sent: for a form a redirect, for our script its address.
fn answer(
    app: &App,
    admin: &Admin,
    messages: &Messages,
    headers: &HeaderMap,
    sent: Sent,
) -> Response {
    let to = match sent.recipients {
        0 => "everyone".to_owned(),
        users => counted(users, "user"),
    };
    tracing::info!(message = %sent.id, key = admin.key.id, "sent by an admin page");
    if sent.repeated {
        messages.info(format!("This page had sent it to {to} already; it was not sent twice."));
    } else if sent.waiting > 0 {
        messages.success(format!("Taken for {to}. It is being delivered."));
    } else {
        messages.success(format!("Sent to {to}."));
    }
    let path = app.site.path(&format!("/admin/sent/{}", sent.id));
    let wants_json = headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json");
    if wants_json {
        return (StatusCode::CREATED, Json(json!({ "url": path }))).into_response();
    }
    Redirect::to(&path).into_response()
}

fn fresh_key() -> Result<String, Error> {
    Ok(format!("admin-{}", BASE64.encode(random::<16>()?)))
}

/// A task of ours panicked, or the server stops.
fn broke_off(error: tokio::task::JoinError) -> Problem {
    Problem::internal(error)
}
