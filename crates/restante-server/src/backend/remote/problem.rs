//! What a refusal of the server means for whoever typed the verb.

use serde::Deserialize;
use ureq::http::StatusCode;

use super::Address;
use super::connection::Reply;

/// RFC 9457, as far as it is told.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    detail: String,
    field: Option<String>,
}

const NOT_FOUND: &str = "urn:restante:problem:not-found";

/// Whether it says that there is no such thing. A 404 that says it otherwise comes from something
/// else than a server of ours.
pub(super) fn is_not_found(reply: &Reply) -> bool {
    reply.status == StatusCode::NOT_FOUND
        && read(reply).is_some_and(|problem| problem.kind == NOT_FOUND)
}

/// One sentence with what to do.
pub(super) fn sentence(address: &Address, reply: &Reply) -> String {
    let problem = read(reply);
    let detail = problem.as_ref().map_or("no reason was given", |problem| &problem.detail);
    match reply.status {
        StatusCode::UNAUTHORIZED => format!(
            "the server {address} does not accept the API key ({detail}); make one with \
             `restante key create` where its database is"
        ),
        StatusCode::FORBIDDEN => format!(
            "the API key may not do this ({detail}); make one that may, with `restante key create \
             --scope` where the server's database is"
        ),
        StatusCode::CONFLICT => format!("{}; give another key to send this too", told(problem)),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            format!("the server {address} cannot do it now ({detail}); try again in a while")
        }
        status if status.is_redirection() => {
            format!("the server {address} sends on to another address; give that one with --server")
        }
        status if status.is_server_error() => {
            format!("the server {address} failed ({status}: {detail}); its log says more")
        }
        _ if problem.is_some() => told(problem),
        status => format!(
            "{address} answered {status} without a reason that can be understood; is it a Restante \
             server, and is --server right?"
        ),
    }
}

/// As the library tells the same, the field in front.
fn told(problem: Option<Problem>) -> String {
    match problem {
        Some(Problem { field: Some(field), detail, .. }) => format!("{field}: {detail}"),
        Some(Problem { detail, .. }) => detail,
        None => "no reason was given".to_owned(),
    }
}

fn read(reply: &Reply) -> Option<Problem> {
    serde_json::from_str(&reply.body).ok()
}
