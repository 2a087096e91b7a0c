use std::fmt;
use std::io;
use std::time::Duration;

use ureq::http::request::Builder;
use ureq::http::{HeaderValue, Method, Request, StatusCode, header};
use ureq::{Agent, AsSendBody, Error, SendBody, Timeout};

use super::Address;
use super::problem;
use crate::failure::Failure;

/// How long it may take to get through to the server.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the line may be dead in the middle of a request or an answer.
const SILENCE: Duration = Duration::from_secs(60);
/// How long the server may think: sweeping and forgetting take time in proportion to what there is.
const ANSWER: Duration = Duration::from_secs(600);
/// The longest answer that is read; an export of a million messages is about half of it. It is held
/// in memory, so something else than a server of ours must not fill that.
const LONGEST_ANSWER: u64 = 1 << 30;

/// A server, and the way to it.
#[derive(Debug)]
pub(super) struct Connection {
    agent: Agent,
    pub(super) address: Address,
}

/// What is asked of the server.
pub(super) struct Question<'a> {
    pub(super) method: Method,
    /// Below `/v1`, encoded.
    pub(super) path: String,
    /// An API key or a user's token.
    pub(super) bearer: &'a str,
    pub(super) body: QuestionBody<'a>,
}

pub(super) enum QuestionBody<'a> {
    None,
    Json(String),
    /// JSON of this length that is made while it is sent.
    Stream(u64, &'a mut dyn io::Read),
}

/// What the server answered.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

/// Why there is no reply.
pub(super) enum Trouble {
    /// The request did not get there.
    NotReached(String),
    /// It may have got there; what came of it is not known.
    Lost(String),
}

impl Connection {
    pub(super) fn new(address: Address) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A key must not follow wherever an answer points to.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("restante/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_write(Some(SILENCE))
            .timeout_recv_response(Some(ANSWER))
            .build()
            .into();
        Self { agent, address }
    }

    /// Asks once. Blocks: nothing else runs in a process that waits for an answer.
    pub(super) fn ask(&self, question: Question<'_>) -> Result<Reply, Trouble> {
        let bearer = HeaderValue::try_from(format!("Bearer {}", question.bearer));
        let Ok(mut bearer) = bearer else {
            let text = "the API key has characters in it that no key has";
            return Err(Trouble::NotReached(text.to_owned()));
        };
        bearer.set_sensitive(true);
        let request = Request::builder()
            .method(question.method)
            .uri(self.address.of(&question.path))
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, "application/json");
        // A server may refuse whoever asks before it reads on, and hang up. So a body waits to be
        // wanted: who is still sending by then would not get to see why, and a long list of somebody
        // unknown is not sent at all.
        let with_body = |request: Builder, length: u64| {
            request
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_LENGTH, length)
                .header(header::EXPECT, "100-continue")
        };
        let answered = match question.body {
            QuestionBody::None => self.run(request, ()),
            QuestionBody::Json(body) => self.run(with_body(request, body.len() as u64), body),
            QuestionBody::Stream(length, reader) => {
                self.run(with_body(request, length), SendBody::from_reader(reader))
            }
        };
        answered.map_err(|error| self.trouble(&error))
    }

    fn run(&self, request: Builder, body: impl AsSendBody) -> Result<Reply, Error> {
        let response = self.agent.run(request.body(body)?)?;
        let status = response.status();
        let body = response.into_body().into_with_config().limit(LONGEST_ANSWER);
        Ok(Reply { status, body: body.read_to_string()? })
    }

    /// Asks for what there is or is not.
    pub(super) fn find(&self, question: Question<'_>) -> Result<Option<Reply>, Failure> {
        let reply = self.ask(question).map_err(Trouble::into_failure)?;
        if problem::is_not_found(&reply) { Ok(None) } else { self.accept(reply).map(Some) }
    }

    /// Asks for what must be there.
    pub(super) fn get(&self, question: Question<'_>) -> Result<Reply, Failure> {
        let reply = self.ask(question).map_err(Trouble::into_failure)?;
        self.accept(reply)
    }

    /// The reply, unless it is a refusal.
    pub(super) fn accept(&self, reply: Reply) -> Result<Reply, Failure> {
        if reply.status.is_success() {
            Ok(reply)
        } else {
            Err(Failure::said(problem::sentence(&self.address, &reply)))
        }
    }

    fn trouble(&self, error: &Error) -> Trouble {
        let address = &self.address;
        let cause = match error {
            Error::Io(error) => error.to_string(),
            Error::Rustls(error) => error.to_string(),
            Error::Timeout(_) => "it takes too long".to_owned(),
            error => error.to_string(),
        };
        if is_before_the_request(error) {
            Trouble::NotReached(format!(
                "cannot reach the server {address} ({cause}); is it running, and is --server right?"
            ))
        } else {
            Trouble::Lost(format!("the server {address} did not answer to the end ({cause})"))
        }
    }
}

/// Whether it failed before anything was asked.
fn is_before_the_request(error: &Error) -> bool {
    match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::InvalidProxyUrl
        | Error::Tls(_)
        | Error::Rustls(_)
        | Error::BadUri(_)
        | Error::Http(_)
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        Error::Io(error) => {
            // These two have no kind of their own: a name that is not known, and a certificate.
            let text = error.to_string();
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::AddrNotAvailable
            ) || text.starts_with("failed to lookup address")
                || text.starts_with("invalid peer certificate")
        }
        _ => false,
    }
}

impl Trouble {
    pub(super) fn into_failure(self) -> Failure {
        Failure::said(match self {
            Self::NotReached(sentence) => sentence,
            Self::Lost(sentence) => format!("{sentence}; try again"),
        })
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
