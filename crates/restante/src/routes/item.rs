use http::StatusCode;

use super::answer::{Answer, empty, json, tagged};
use super::mark::Marked;
use super::schemas::Item;
use crate::headers::Headers;
use crate::{Error, Inbox, ItemId, Problem};

/// One message, from inbox or archive.
#[utoipa::path(
    get, path = "/inbox/{id}", tag = "inbox",
    params(
        ("id" = i64, Path, description = "The item's `id` in a list"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the content that is there already"),
    ),
    responses(
        (status = 200, description = "The message", body = Item, headers(
            ("ETag" = String, description = "A hash of the content"),
        )),
        (status = 304, description = "The content is the one that If-None-Match names"),
        (status = 400, description = "The path is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The user has no such message", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The id is not a number", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get_item(
    inbox: &Inbox,
    id: ItemId,
    headers: &impl Headers,
) -> Result<Answer, Problem> {
    tagged(headers, &inbox.get(id).await?)
}

/// Takes a message out of inbox and archive.
///
/// The second time it is gone already, and 404.
#[utoipa::path(
    delete, path = "/inbox/{id}", tag = "inbox",
    params(("id" = i64, Path, description = "The item's `id` in a list")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The path is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The user has no such message", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The id is not a number", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn dismiss_item(inbox: &Inbox, id: ItemId) -> Result<Answer, Problem> {
    if inbox.dismiss(id).await? {
        Ok(empty(StatusCode::NO_CONTENT))
    } else {
        Err(Error::not_found(format!("there is no item {id}")).into())
    }
}

/// Marks one message read.
///
/// Again it changes nothing and is as good.
#[utoipa::path(
    post, path = "/inbox/{id}/read", tag = "inbox",
    params(("id" = i64, Path, description = "The item's `id` in a list")),
    responses(
        (status = 200, description = "It is read", body = Marked),
        (status = 400, description = "The path is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The user has no such message", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The id is not a number", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mark_item_read(inbox: &Inbox, id: ItemId) -> Result<Answer, Problem> {
    let changed = inbox.mark_read(id).await?;
    if !changed {
        // It was read already, or is not there.
        inbox.get(id).await?;
    }
    json(&Marked::new(changed, inbox).await?)
}

/// Marks one message unread again.
///
/// Again it changes nothing and is as good.
#[utoipa::path(
    post, path = "/inbox/{id}/unread", tag = "inbox",
    params(("id" = i64, Path, description = "The item's `id` in a list")),
    responses(
        (status = 200, description = "It is unread", body = Marked),
        (status = 400, description = "The path is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The user has no such message", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The id is not a number", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mark_item_unread(inbox: &Inbox, id: ItemId) -> Result<Answer, Problem> {
    let changed = inbox.mark_unread(id).await?;
    if !changed {
        inbox.get(id).await?;
    }
    json(&Marked::new(changed, inbox).await?)
}

/// The id that a path names.
pub(crate) fn id_of(text: &str) -> Result<ItemId, Problem> {
    Ok(text.parse()?)
}

/// A path that cannot be decoded.
pub(crate) fn malformed_id(detail: String) -> Problem {
    Problem::malformed(detail).with_field("id")
}
