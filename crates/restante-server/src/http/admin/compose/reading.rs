use std::sync::Arc;

use axum::extract::multipart::Field;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use restante::{Error, limits};
use tokio::sync::OwnedSemaphorePermit;

use super::typed::Typed;
use super::user_lines::UserLines;
use crate::http::App;
use crate::http::admin::BODY_BYTES;
use crate::http::admin::problem::Problem;
use crate::http::admin::signed_in::Admin;
use crate::http::visitor::comes_from_elsewhere;

/// How long a field other than a list may be: more than any limit of a message, so that what is too
/// long is shown again and named.
const FIELD_BYTES: usize = 16 * limits::TEXT_BYTES;

/// The form of a message, which may hold a long list: sent from one of our own pages by the
/// operator who is signed in.
///
/// It is read in the order of the page: the token comes first, and without it nothing else is read.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) admin: Admin,
    pub(super) typed: Typed,
    /// The ids of the file, if one was chosen.
    pub(super) file: Option<UserLines>,
    /// Our turn among those who send long lists: each takes memory while it is read and sent. What is
    /// short waits for nobody.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

impl FromRequest<Arc<App>> for Composed {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let admin = Admin::from_request_parts(&mut parts, app).await?;
        if comes_from_elsewhere(&parts.headers) {
            return Err(Problem::Forbidden);
        }
        let is_short = announced_length(&parts.headers).is_some_and(|length| length <= BODY_BYTES);
        let request = Request::from_parts(parts, body);
        let mut form = Multipart::from_request(request, app).await?;
        check_token(app, &admin, &mut form).await?;
        let turn = if is_short { None } else { Some(turn(app).await?) };
        let (mut typed, mut file) = (Typed::fresh(String::new()), None);
        while let Some(mut field) = form.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" => file = read_file(&mut field).await?.or(file),
                // As long as the whole form may be.
                "list" | "users" => typed.set(&name, read_text(&mut field, usize::MAX).await?),
                _ => typed.set(&name, read_text(&mut field, FIELD_BYTES).await?),
            }
        }
        Ok(Self { admin, typed, file, turn })
    }
}

async fn turn(app: &App) -> Result<OwnedSemaphorePermit, Error> {
    let turn = Arc::clone(&app.long_lists).acquire_owned().await;
    turn.map_err(|_| Error::transient("http", "the server stops"))
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn check_token(app: &App, admin: &Admin, form: &mut Multipart) -> Result<(), Problem> {
    if let Some(mut field) = form.next_field().await?
        && field.name() == Some("csrf")
    {
        let token = read_text(&mut field, FIELD_BYTES).await?;
        if admin.is_form_token(app, &token) {
            return Ok(());
        }
    }
    Err(Problem::Forbidden)
}

/// Nothing, if no file was chosen: browsers send an empty one without a name.
async fn read_file(field: &mut Field<'_>) -> Result<Option<UserLines>, Problem> {
    let is_named = field.file_name().is_some_and(|name| !name.is_empty());
    let (mut lines, mut is_empty) = (UserLines::default(), true);
    while let Some(part) = field.chunk().await? {
        is_empty &= part.is_empty();
        lines.push(&part);
    }
    Ok((is_named || !is_empty).then_some(lines))
}

async fn read_text(field: &mut Field<'_>, at_most: usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await? {
        if bytes.len() + part.len() > at_most {
            return Err(Problem::Unreadable(StatusCode::PAYLOAD_TOO_LARGE));
        }
        bytes.extend_from_slice(&part);
    }
    // Pages are UTF-8, and so is what browsers send back.
    String::from_utf8(bytes).map_err(|_| Problem::Unreadable(StatusCode::BAD_REQUEST))
}
