//! Sending, also to lists so long that they are read while they arrive.

use std::error::Error as StdError;
use std::future::IntoFuture;
use std::io::{BufReader, Read};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use http_body_util::{LengthLimitError, Limited};
use restante::{Error, Problem, SendRequest, Sent};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::json_body::{BYTES, check_is_json, not_whole, parse, too_large};
use super::schemas;
use super::send_body::SendBody;
use super::send_schema::NewMessage;
use super::sender::{Sender, Sending};
use crate::http::App;

/// How long the body of a send may be: a list of a million users.
const LIST_BYTES: usize = 64 * 1024 * 1024;
const LIST_TOO_LARGE: &str = "the body of a send is at most 64 MiB";

/// Sends a message.
///
/// To one user, a list of up to 1,000,000, or everyone. It is durable when this answers; a long
/// list is delivered by and by and answered with 202. The same idempotency key with the same
/// content sends once, for 24 hours. A body to a list may have 64 MiB, and is read while it arrives.
#[utoipa::path(
    post, path = "/messages", tag = "messages",
    security(("apiKey" = ["send"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same content sends once; with other content it is refused. Instead of the field `key`", min_length = 1, max_length = 255, pattern = r"^[!-~]+$")),
    request_body = NewMessage,
    responses(
        (status = 201, description = "It is sent", body = schemas::Sent, headers(
            ("Location" = String, description = "Where its receipts are"),
        )),
        (status = 202, description = "It is sent, and still being delivered to `waiting` of a long list", body = schemas::Sent, headers(
            ("Location" = String, description = "Where its receipts are"),
        )),
        (status = 409, description = "The idempotency key was used with other content", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 64 MiB", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn send_message(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    check_is_json(request.headers())?;
    let key = idempotency_key(request.headers())?;
    let prepare = {
        let app = Arc::clone(&app);
        move |body| prepare(&app, &sender.key.id, key, body)
    };
    let sent = match announced_length(request.headers()) {
        Some(length) if length > LIST_BYTES as u64 => return Err(too_large(LIST_TOO_LARGE)),
        Some(length) if length <= BYTES as u64 => {
            let body = read_whole(request.into_body()).await?;
            prepare(parse(body.as_ref())?)?.await?
        }
        _ => send_list(&app, request.into_body(), prepare).await?,
    };
    let status = if sent.waiting > 0 { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let location = app.site.path(&format!("/v1/messages/{}", sent.id));
    Ok((status, [(LOCATION, location)], Json(sent)).into_response())
}

/// Reads a list while it arrives, and sends it, on a thread where that may take its time: sorting a
/// million users would hold up everybody else's requests.
async fn send_list(
    app: &App,
    body: Body,
    prepare: impl FnOnce(SendBody) -> Result<SendRequest, Problem> + Send + 'static,
) -> Result<Sent, Problem> {
    // A turn is only lost with the server itself.
    let turn = Arc::clone(&app.long_lists).acquire_owned().await.map_err(|_| not_whole())?;
    let body = Limited::new(body, LIST_BYTES);
    let body = Body::new(body).into_data_stream().map_err(std::io::Error::other);
    let runtime = tokio::runtime::Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut body = Watched::new(SyncIoBridge::new(StreamReader::new(body)));
        let request = parse(BufReader::with_capacity(BYTES, &mut body));
        let request = request.map_err(|problem| body.refusal(problem))?;
        Ok(runtime.block_on(prepare(request)?.into_future())?)
    });
    task.await.unwrap_or_else(|_| Err(Error::internal("http", "a send broke off").into()))
}

/// A body that remembers whether it was too long: JSON only tells that reading failed.
struct Watched<R> {
    body: R,
    is_too_long: bool,
}

impl<R: Read> Watched<R> {
    fn new(body: R) -> Self {
        Self { body, is_too_long: false }
    }

    /// What to answer. The rest is read and thrown away: most clients only look for an answer when
    /// they have sent everything.
    fn refusal(&mut self, problem: Problem) -> Problem {
        // Where it cannot be read, nobody is there to be answered.
        let _ = std::io::copy(self, &mut std::io::sink());
        if self.is_too_long { too_large(LIST_TOO_LARGE) } else { problem }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.body.read(buffer);
        if let Err(error) = &read {
            let mut cause = error.get_ref().map(|error| error as &(dyn StdError + 'static));
            while let Some(error) = cause {
                self.is_too_long |= error.is::<LengthLimitError>();
                cause = error.source();
            }
        }
        read
    }
}

/// The request to the library, as this sender makes it.
fn prepare(
    app: &App,
    sender: &str,
    header_key: Option<String>,
    mut body: SendBody,
) -> Result<SendRequest, Problem> {
    let to = body.recipients()?;
    let newcomers = body.newcomers;
    let key = match (header_key, body.key.take()) {
        (Some(header), Some(body)) if header != body => {
            let differ = "differs from the header Idempotency-Key; one of them is enough";
            return Err(Error::invalid("key", differ).into());
        }
        (header, body) => header.or(body),
    };
    let mut request = app.restante.send(body.into_message(app.restante.now())?, to).sender(sender);
    if let Some(key) = key {
        request = request.key(key);
    }
    if newcomers {
        request = request.newcomers();
    }
    Ok(request)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::invalid("key", "the header Idempotency-Key is given twice"));
    }
    let key = std::str::from_utf8(value.as_bytes());
    let key = key.map_err(|_| Error::invalid("key", "the header Idempotency-Key must be UTF-8"))?;
    Ok(Some(key.to_owned()))
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read_whole(body: Body) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, BYTES).await.map_err(|_| not_whole())
}
