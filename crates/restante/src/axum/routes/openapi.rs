//! The OpenAPI document: the handlers' own descriptions, and the shapes of what the domain writes
//! as JSON. A test holds them to what is really answered.

use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Content, Header, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

use super::Problem;
use super::{item, list, mark};

/// The OpenAPI description of [`inbox_routes`](crate::inbox_routes), with paths as they are before
/// the app nests them.
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

/// One message in one user's inbox or archive.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Item` serialises to")]
pub(super) struct Item {
    /// The item's id: its place in its user's inbox.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 8_041_267_200_i64)]
    id: i64,
    /// The text, plain: whoever shows it escapes it.
    #[schema(example = "Export ready")]
    message: String,
    /// How urgent it is: 10 debug, 20 info, 25 success, 30 warning, 40 error; one more in the
    /// stored twins; any other integer is the app's own.
    #[schema(example = 25)]
    level: i32,
    /// The level's tag; empty for a level of the app's own.
    #[schema(example = "success")]
    level_tag: String,
    /// Extra tags and level tag, joined by one space.
    #[schema(example = "exports success")]
    tags: String,
    /// Extra tags, joined by one space.
    #[schema(example = "exports")]
    extra_tags: String,
    /// When it was sent.
    #[schema(format = DateTime)]
    date: String,
    /// Where it leads: http, https or a path.
    #[schema(required, example = "/exports/7")]
    url: Option<String>,
    /// JSON for programs, as the sender wrote it.
    #[schema(required, value_type = Option<Value>)]
    data: Option<serde_json::Value>,
    /// Whether it counts as unread.
    unread: bool,
    /// Whether it was sent to everyone.
    everyone: bool,
    /// When it was read, where that is known.
    #[schema(required, format = DateTime)]
    read_at: Option<String>,
    /// When it leaves inbox and archive; null is never.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
}

/// A page of items, newest first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Page` serialises to")]
pub(super) struct Page {
    /// The items.
    items: Vec<Item>,
    /// Give it as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
    /// How many items are unread, whatever the filter.
    unread: u64,
    /// What was visible when the first page was made; give it to mark that read.
    as_of: String,
}

/// How many items are unread.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Count` serialises to")]
pub(super) struct Count {
    /// How many items are unread.
    unread: u64,
    /// What was visible when they were counted; give it to mark that read.
    as_of: String,
}

/// What to mark read: one of the two.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is read field by field, so that a refusal names the field")]
pub(super) enum MarkRequest {
    Until(MarkUntil),
    Items(MarkItems),
}

/// Everything that was visible when a page or a count was made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct MarkUntil {
    /// The `as_of` of the page or the count.
    #[schema(pattern = r"^[01]?[0-9a-f]{1,13}(\.[01]?[0-9a-f]{1,13})?$")]
    as_of: String,
}

/// Certain items.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct MarkItems {
    /// Their ids. One that is not the user's changes nothing.
    #[schema(max_items = 1000)]
    ids: Vec<i64>,
}
