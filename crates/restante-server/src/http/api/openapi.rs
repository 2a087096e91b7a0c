//! The description of the routes as an OpenAPI document: what stands beside the handlers, the
//! library's own for the inbox, and what all of them have in common.

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, PathItem, Paths};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, RefOr, Required, Server};

use super::{common_answers, keys, messages, sending, sweep, users};
use crate::http::Site;

/// The security schemes' names.
pub(super) const API_KEY: &str = "apiKey";
pub(super) const USER_TOKEN: &str = "userToken";

/// All of `/v1`, for callers who reach it at this site.
pub(in crate::http) fn document(site: &Site) -> OpenApi {
    let mut document = OpenApi::new(Document::openapi().info, Paths::new()).nest("/v1", own());
    let mut inbox = restante::inbox_openapi();
    for operation in inbox.paths.paths.values_mut().flat_map(operations) {
        operation.security = Some(vec![SecurityRequirement::new(USER_TOKEN, [""; 0])]);
    }
    document = document.nest("/v1", inbox);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        common_answers::add(operation);
        let may_be_empty = operation.operation_id.as_deref() == Some("make_token");
        if let (true, Some(body)) = (may_be_empty, &mut operation.request_body) {
            body.required = Some(Required::False);
        }
        operation.parameters.iter_mut().flatten().for_each(forbid_null);
    }
    document.servers = Some(vec![Server::new(site.url(""))]);
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(API_KEY, SecurityScheme::Http(api_key()));
    components.add_security_scheme(USER_TOKEN, SecurityScheme::Http(user_token()));
    document
}

/// The senders' routes, but for the shape that stands for the library's.
fn own() -> OpenApi {
    let mut own = Document::openapi();
    if let Some(components) = &mut own.components {
        components.schemas.remove("Item");
    }
    own
}

/// An optional parameter is left out; an address and a header know no null.
fn forbid_null(parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema
        && let SchemaType::Array(types) = &schema.schema_type
        && let Some(kind) = types.iter().find(|kind| **kind != Type::Null)
    {
        schema.schema_type = SchemaType::Type(kind.clone());
    }
}

/// The operations of a path. There are no others than of these methods.
fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.post, &mut path.delete].into_iter().flatten()
}

fn api_key() -> Http {
    Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API key, for programs that send. Made with `restante key create` or `POST \
             /v1/keys`, shown once. Its scopes: `send` sends, and sees and retracts what it sent; \
             `tokens` makes and ends users' tokens; `admin` does everything. It opens no inbox.",
        ))
        .build()
}

fn user_token() -> Http {
    Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A user's token, for that user's inbox alone. Made with `POST /v1/users/{id}/tokens`, \
             or by an app that knows the secret: HS256 with the claims `sub` (the user), `exp`, and \
             optionally `iat`, `nbf` and `joined`. A browser that is signed in to the pages of this \
             server, or by a proxy in front of it, needs none on this server's own pages.",
        ))
        .build()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Restante",
        description = "Messages for the users of a web app: programs send them, users read them in \
                       their inbox.\n\nA trailing slash is the same path. Every error is \
                       `application/problem+json` with a stable `type`; a method that a path does \
                       not have is 405 with `Allow`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        sending::send_message,
        messages::list_messages,
        messages::get_message,
        messages::retract_message,
        users::make_token,
        users::end_tokens,
        users::make_ticket,
        users::export_user,
        users::forget_user,
        keys::list_keys,
        keys::create_key,
        keys::revoke_key,
        sweep::sweep,
    ),
    components(schemas(restante::Problem)),
    tags(
        (name = "messages", description = "Sending, and what became of it"),
        (name = "users", description = "Letting users in, forgetting them"),
        (name = "keys", description = "API keys"),
        (name = "upkeep", description = "What the server also does by itself"),
    ),
)]
struct Document;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use restante::limits;
    use serde_json::Value;

    use super::*;

    fn json() -> Value {
        serde_json::to_value(document(&"http://127.0.0.1:7787".parse().unwrap())).unwrap()
    }

    #[test]
    fn the_documentation_has_every_route() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let current = serde_json::to_string_pretty(&json()).unwrap() + "\n";
        if std::env::var_os("RESTANTE_BLESS").is_some() {
            std::fs::write(&path, &current).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == current,
            "docs/openapi.json is not what the server says; look at what changed, and write it \
             anew with `RESTANTE_BLESS=1 cargo test -p restante-server documentation`"
        );
    }

    #[test]
    fn the_limits_are_those_that_are_enforced() {
        let document = json();
        let fields = &document["components"]["schemas"]["MessageFields"]["properties"];
        let limit = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        assert_eq!(limit(&fields["message"]["maxLength"]), limits::TEXT_BYTES);
        assert_eq!(limit(&fields["url"]["maxLength"]), limits::URL_CHARS);
        assert_eq!(limit(&fields["key"]["maxLength"]), limits::KEY_BYTES);
        let page = &document["paths"]["/v1/messages"]["get"]["parameters"][1]["schema"];
        assert_eq!(limit(&page["maximum"]), limits::PAGE_ITEMS);
        let user = &document["paths"]["/v1/users/{id}"]["delete"]["parameters"][0]["schema"];
        assert_eq!(limit(&user["maxLength"]), limits::USER_BYTES);
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_refusal_is_a_problem() {
        let document = json();
        let text = document.to_string();
        for name in text.split("#/components/schemas/").skip(1) {
            let name = name.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["security"][0].is_object(), "{method} {path}");
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                    let is_problem = problem == "#/components/schemas/Problem";
                    assert_eq!(is_problem, status.as_str() >= "400", "{method} {path} {status}");
                }
            }
        }
    }
}
