//! Messages as their senders see them: sent, listed, looked after, taken back.

use std::error::Error as StdError;
use std::future::IntoFuture;
use std::io::{BufReader, Read};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use http_body_util::{LengthLimitError, Limited};
use restante::store::{Receipts, SentFilter, SentPage};
use restante::{Error, MessageId, Problem, SendRequest, Sent};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::json_body::{BYTES, check_is_json, not_whole, parse, too_large};
use super::parameters::Parameters;
use super::send_body::SendBody;
use super::sender::{Sender, Sending};
use crate::http::App;

/// How long the body of a send may be: a list of a million users.
const LIST_BYTES: usize = 64 * 1024 * 1024;
const LIST_TOO_LARGE: &str = "the body of a send is at most 64 MiB";

/// Sends a message.
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
    let mut request = app.restante.send(body.into_message()?, to).sender(sender);
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

/// What was sent, newest first: with the scope `send` by this key, with `admin` by everybody.
pub(super) async fn list_messages(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    parameters: Parameters,
) -> Result<Json<SentPage>, Problem> {
    let mut filter = SentFilter::default();
    if let Some(after) = parameters.get("after")? {
        filter.after = Some(after.parse()?);
    }
    if let Some(limit) = parameters.get("limit")? {
        filter.limit =
            limit.parse().map_err(|_| Error::invalid("limit", "must be a number from 1 to 100"))?;
    }
    filter.sender = match sender.sees() {
        Some(own) => Some(own.to_owned()),
        None => parameters.get("sender")?.map(str::to_owned),
    };
    Ok(Json(app.restante.sent(filter).await?))
}

/// One sent message, and how many users got and read it.
pub(super) async fn get_message(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    MessagePath(id): MessagePath,
) -> Result<Json<Receipts>, Problem> {
    let receipts = app.store().receipts(app.restante.now(), id, sender.sees()).await?;
    Ok(Json(receipts.ok_or_else(|| not_found(id))?))
}

/// Takes a message back from everyone. The second time there is nothing to take back, and 404.
pub(super) async fn retract_message(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    MessagePath(id): MessagePath,
) -> Result<StatusCode, Problem> {
    if app.restante.retract_as(id, sender.sees()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found(id).into())
    }
}

fn not_found(id: MessageId) -> Error {
    Error::not_found(format!("there is no message {id}"))
}

/// The message of the path.
pub(super) struct MessagePath(MessageId);

impl FromRequestParts<Arc<App>> for MessagePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id = Path::<String>::from_request_parts(parts, app).await;
        let Path(id) =
            id.map_err(|_| Problem::malformed("must be UTF-8, percent-encoded").with_field("id"))?;
        Ok(Self(id.parse()?))
    }
}
