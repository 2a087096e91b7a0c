//! The pages and what their forms do.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Redirect, Response};
use restante::{Messages, Taken};
use serde::Deserialize;
use tower_sessions::Session;

use crate::app::App;
use crate::notices;
use crate::people::{PEOPLE, Person};
use crate::repositories::{Action, Repository};

/// Longer texts are cut: they become part of messages, which have a limit.
const TEXT: usize = 500;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    person: Option<Person>,
    people: [&'static str; 4],
}

#[derive(Template)]
#[template(path = "repositories.html")]
struct RepositoriesPage {
    person: Option<Person>,
    repositories: Vec<Repository>,
    said: Taken,
}

#[derive(Template)]
#[template(path = "repository.html")]
struct RepositoryPage {
    person: Option<Person>,
    repository: Repository,
    is_watched: bool,
    is_owned: bool,
    said: Taken,
}

/// `GET /sign-in`
pub(crate) async fn show_people() -> Response {
    page(&SignInPage { person: None, people: PEOPLE })
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    name: String,
}

/// `POST /sign-in`
pub(crate) async fn sign_in(
    session: Session,
    messages: Messages,
    Form(form): Form<SignIn>,
) -> Result<Redirect, StatusCode> {
    let person = Person::named(&form.name).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    person.sign_in(&session).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    messages.success(format!("Hello, {}", person.0));
    Ok(Redirect::to("/"))
}

/// `POST /sign-out`
pub(crate) async fn sign_out(session: Session) -> Result<Redirect, StatusCode> {
    session.flush().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to("/sign-in"))
}

/// `GET /`
pub(crate) async fn list_repositories(
    person: Person,
    State(app): State<Arc<App>>,
    messages: Messages,
) -> Response {
    let said = messages.take().await;
    let repositories = app.repositories.all();
    page(&RepositoriesPage { person: Some(person), repositories, said })
}

/// `GET /{repository}`
pub(crate) async fn show_repository(
    person: Person,
    State(app): State<Arc<App>>,
    messages: Messages,
    Path(name): Path<String>,
) -> Result<Response, StatusCode> {
    let repository = app.repositories.named(&name).ok_or(StatusCode::NOT_FOUND)?;
    Ok(page(&RepositoryPage {
        is_watched: repository.watchers.contains(person.0),
        is_owned: repository.owner == person,
        person: Some(person),
        repository,
        said: messages.take().await,
    }))
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    text: String,
    #[serde(default)]
    issue: usize,
}

/// `POST /{repository}/{action}`
pub(crate) async fn act(
    person: Person,
    State(app): State<Arc<App>>,
    messages: Messages,
    Path((name, action)): Path<(String, String)>,
    Form(Fields { text, issue }): Form<Fields>,
) -> Result<Redirect, StatusCode> {
    let text: String = text.trim().chars().take(TEXT).collect();
    if text.is_empty() && ["open", "comment"].contains(&action.as_str()) {
        messages.warning("Say something first");
        return Ok(Redirect::to(&format!("/{name}")));
    }
    let action = match action.as_str() {
        "watch" => Action::Watch,
        "open" => Action::Open { title: text },
        "comment" => Action::Comment { issue, text },
        "close" => Action::Close { issue },
        "release" => Action::Release,
        _ => return Err(StatusCode::NOT_FOUND),
    };
    let repository = app.repositories.act(&name, &person, &action).ok_or(StatusCode::NOT_FOUND)?;
    if let Err(error) = notices::send(&app.restante, &person, &action, &repository).await {
        // What was done is done; only nobody was told.
        messages.warning(format!("Done, but nobody could be told: {error}"));
    }
    Ok(Redirect::to(&format!("/{name}")))
}

/// `GET /page.css`
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../web/page.css")).into_response()
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
