//! JSON bodies, with refusals that name the field.

use std::io::{BufRead, Read};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use restante::Problem;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::App;

/// How long a body may be, but for that of a long list.
pub(super) const BYTES: usize = 64 * 1024;
/// What a name that the client gave is cut to before it is told back.
const NAME_CHARS: usize = 64;

/// A small body.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        check_is_json(request.headers())?;
        let body = bytes(request, app).await?;
        parse(body.as_ref()).map(Self)
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Problem;

    /// `None` for an empty body, whatever it says it is.
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Option<Self>, Problem> {
        let is_json = check_is_json(request.headers());
        let body = bytes(request, app).await?;
        if body.is_empty() {
            return Ok(None);
        }
        is_json?;
        parse(body.as_ref()).map(|body| Some(Self(body)))
    }
}

async fn bytes(request: Request, app: &Arc<App>) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large("a body is at most 64 KiB")
        } else {
            not_whole()
        }
    })
}

/// The body is longer than this address takes.
pub(super) fn too_large(detail: &'static str) -> Problem {
    let (kind, title) = ("urn:restante:problem:too-large", "The input is past a limit");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, kind, title, detail)
}

/// The client went away, or took too long.
pub(super) fn not_whole() -> Problem {
    Problem::malformed("the body did not arrive whole")
}

/// Whether it says that it is `application/json`, or of a type that is built on it.
pub(super) fn check_is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "urn:restante:problem:unsupported-media-type",
        "The body must be JSON",
        "the header Content-Type must be application/json",
    ))
}

/// Reads a value, while the body still arrives if it comes from there, and refuses anything after
/// it.
pub(super) fn parse<T: DeserializeOwned>(mut body: impl BufRead) -> Result<T, Problem> {
    let first = first_byte(&mut body).map_err(|_| not_whole())?;
    // It would be read as the values of the fields, in the order in which we happen to write them.
    if first == Some(b'[') {
        return Err(Problem::invalid("the body must be a JSON object"));
    }
    let body = first.as_slice().chain(body);
    let mut json = serde_json::Deserializer::from_reader(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().iter().next().map(ToString::to_string).filter(|path| path != "?");
        refused(field, error.inner())
    })?;
    json.end().map_err(|error| refused(None, &error))?;
    Ok(value)
}

/// The first byte that is no white space.
fn first_byte(body: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    body.bytes().find(|byte| !matches!(byte, Ok(b' ' | b'\t' | b'\n' | b'\r'))).transpose()
}

fn refused(field: Option<String>, error: &serde_json::Error) -> Problem {
    let problem = match error.classify() {
        Category::Io => return not_whole(),
        Category::Syntax | Category::Eof => {
            return Problem::malformed(format!("the body must be JSON: {error}"));
        }
        Category::Data => Problem::invalid(without_place(&error.to_string())),
    };
    match field.or_else(|| named_field(&error.to_string())) {
        Some(field) => problem.with_field(field.chars().take(NAME_CHARS).collect::<String>()),
        None => problem,
    }
}

/// A field that is missing or given twice is no place in the body, and is named in words alone.
fn named_field(error: &str) -> Option<String> {
    let (_, rest) = error.split_once(" field `")?;
    rest.split('`').next().map(str::to_owned)
}

/// The field is named already; line and column add nothing to a body on one line.
fn without_place(error: &str) -> String {
    let end = error.rfind(" at line ").unwrap_or(error.len());
    error[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read in")]
    struct Body {
        name: String,
        #[serde(default)]
        tags: Vec<String>,
    }

    fn refusal(body: &str) -> (u16, serde_json::Value) {
        let problem = parse::<Body>(body.as_bytes()).unwrap_err();
        let told = serde_json::to_value(&problem).unwrap();
        (problem.into_response().status().as_u16(), told)
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (body, field) in [
            (r#"{"name":1}"#, "name"),
            (r#"{"name":"a","tags":["b",2]}"#, "tags"),
            (r#"{"name":"a","nam":1}"#, "nam"),
            (r#"{"name":"a","name":"b"}"#, "name"),
            (r#"{"name":"a","tags":{}}"#, "tags"),
        ] {
            let (status, told) = refusal(body);
            assert_eq!((status, told["field"].as_str()), (422, Some(field)), "{body}: {told}");
            assert!(!told["detail"].as_str().unwrap().contains("line"), "{told}");
        }
        let (status, told) = refusal("{}");
        assert_eq!((status, told["field"].as_str()), (422, Some("name")), "{told}");
        for list in ["[]", " \n[\"a\", []]"] {
            assert_eq!(refusal(list).0, 422, "{list}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", "{\"name\":\"a\"} x", "name=a", "{\"name\":\"\u{1}\"}"] {
            assert_eq!(refusal(body).0, 400, "{body}");
        }
    }
}
