//! The OpenAPI document: the handlers' own descriptions, and the shapes of what the domain writes
//! as JSON. A test holds them to what is really answered.

use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Content, Header, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

use super::{item, list, mark, stream};
use crate::Problem;

/// The OpenAPI description of the inbox routes, `inbox_routes` in axum and `inbox_service` in
/// actix-web, with paths as they are before the app nests them.
///
/// ```
/// let document = restante::inbox_openapi();
/// assert!(document.paths.paths.contains_key("/inbox"));
///
/// // Part of an app's own description, at the place where the routes are nested:
/// use utoipa::OpenApi;
///
/// #[derive(OpenApi)]
/// struct App;
/// let all = App::openapi().nest("/messages", document);
/// assert!(all.paths.paths.contains_key("/messages/inbox"));
/// ```
pub fn inbox_openapi() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for path in document.paths.paths.values_mut() {
        let operations = [
            (HttpMethod::Get, &mut path.get),
            (HttpMethod::Post, &mut path.post),
            (HttpMethod::Delete, &mut path.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                add_common_problems(&method, operation);
                let may_be_empty = operation.operation_id.as_deref() == Some("mark_all_read");
                if let (true, Some(body)) = (may_be_empty, &mut operation.request_body) {
                    body.required = Some(Required::False);
                }
            }
        }
    }
    document
}

/// What every route may answer.
fn add_common_problems(method: &HttpMethod, operation: &mut Operation) {
    let mut add = |status: &str, description: &str| {
        let content = Content::new(Some(Ref::from_schema_name(Problem::name())));
        let mut response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content);
        if status == "503" {
            let seconds = Header::builder().schema(Object::with_type(Type::Integer)).build();
            response = response.header("Retry-After", seconds);
        }
        let response = response.build();
        operation.responses.responses.insert(status.to_owned(), RefOr::T(response));
    };
    add("401", "Nobody is signed in");
    if *method != HttpMethod::Get {
        add("403", "The request came from a page of another site");
    }
    add("500", "Something failed; it is logged and not told");
    add("503", "The store cannot be reached for the moment; Retry-After says when to try again");
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Restante inbox",
        version = "1",
        description = "One user's messages. A trailing slash is the same path. Every error is \
                       application/problem+json.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        list::list_inbox,
        list::count_unread,
        stream::stream_inbox,
        mark::mark_read,
        item::get_item,
        item::dismiss_item,
        item::mark_item_read,
        item::mark_item_unread,
        mark::mark_all_read,
    ),
    components(schemas(Problem)),
    tags((name = "inbox", description = "Inbox and archive of who is signed in")),
)]
struct Document;
