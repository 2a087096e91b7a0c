use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

use super::openapi::API_KEY;

/// Adds what every operation may answer, and every operation that reads what this one reads.
/// What stands beside a handler stays, but for who may call: the inbox says less of that when it
/// is part of another app.
pub(super) fn add(operation: &mut Operation) {
    let wants_key = security(operation).contains(API_KEY);
    let (nobody, wrong) = if wants_key {
        (
            "No API key came, or one that is unknown or revoked",
            "The key lacks the scope, or a user's token came",
        )
    } else {
        (
            "No user's token came, or one that is unknown or over",
            "An API key came; or a browser that needs no token, from a page of another site",
        )
    };
    let challenge = text_header("`Bearer`");
    set(operation, "401", problem(nobody).header("WWW-Authenticate", challenge).build());
    set(operation, "403", problem(wrong).build());
    if wants_key {
        set(operation, "429", waiting("More requests a second than the operator allows a key"));
    }
    add_if_new(operation, "500", problem("Something failed; it is logged and not told").build());
    set(operation, "503", waiting("The store cannot be reached for the moment"));

    if operation.request_body.is_some() {
        add_if_new(operation, "400", problem("The body is not JSON").build());
        add_if_new(operation, "413", problem("The body is longer than 64 KiB").build());
        add_if_new(operation, "415", problem("The Content-Type is not application/json").build());
        let broken = "A field breaks a rule or is past a limit; `field` names it";
        add_if_new(operation, "422", problem(broken).build());
    }
    let places = operation.parameters.iter().flatten().map(|parameter| &parameter.parameter_in);
    if places.clone().any(|place| matches!(place, ParameterIn::Path | ParameterIn::Query)) {
        add_if_new(operation, "400", problem("The address is not percent-encoded UTF-8").build());
        let broken = "A parameter breaks a rule or is past a limit; `field` names it";
        add_if_new(operation, "422", problem(broken).build());
    }
}

/// The names of the schemes by which an operation may be called.
fn security(operation: &Operation) -> String {
    // The type keeps its names to itself.
    serde_json::to_string(&operation.security).unwrap_or_default()
}

fn problem(description: &str) -> ResponseBuilder {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content)
}

fn waiting(description: &str) -> Response {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let mut seconds = Header::new(seconds);
    seconds.description = Some("In how many seconds to try again".to_owned());
    problem(description).header("Retry-After", seconds).build()
}

fn text_header(description: &str) -> Header {
    let mut header = Header::default();
    header.description = Some(description.to_owned());
    header
}

fn set(operation: &mut Operation, status: &str, response: Response) {
    operation.responses.responses.insert(status.to_owned(), RefOr::T(response));
}

fn add_if_new(operation: &mut Operation, status: &str, response: Response) {
    let responses = &mut operation.responses.responses;
    responses.entry(status.to_owned()).or_insert(RefOr::T(response));
}
