use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{Answer, json};
use super::json_object::JsonObject;
use super::schemas::MarkRequest;
use crate::{AsOf, Error, Inbox, ItemId, Problem};

/// What marking did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Marked {
    /// Whether anything changed.
    changed: bool,
    // Without an `as_of` beside it: what arrived meanwhile is counted and was shown to nobody.
    /// How many messages are unread now.
    #[schema(example = 3)]
    unread: u64,
}

impl Marked {
    pub(super) async fn new(changed: bool, inbox: &Inbox) -> Result<Self, Error> {
        Ok(Self { changed, unread: inbox.count().await?.unread })
    }
}

/// What to mark read.
enum Mark {
    /// Everything that was visible then.
    Until(AsOf),
    /// These.
    Items(Vec<ItemId>),
}

impl Mark {
    fn from_json(body: &JsonObject) -> Result<Self, Problem> {
        body.check_fields(&["as_of", "ids"])?;
        let as_of: Option<String> =
            body.get("as_of", "must be the `as_of` of a page or a count")?;
        let ids = body.get("ids", "must be a list of the `id`s of items")?;
        match (as_of, ids) {
            (Some(as_of), None) => Ok(Self::Until(as_of.parse()?)),
            (None, Some(ids)) => Ok(Self::Items(ids)),
            _ => Err(Problem::invalid("the body must have either `as_of` or `ids`")),
        }
    }

    async fn apply(&self, inbox: &Inbox) -> Result<bool, Error> {
        match self {
            Self::Until(as_of) => inbox.mark_all_read(as_of).await,
            Self::Items(ids) => Ok(inbox.mark_read_many(ids).await? > 0),
        }
    }
}

/// Marks read what a page showed, or certain messages.
///
/// With `as_of` everything that was visible when that page was made, and nothing that arrived or
/// was marked unread since. With `ids`, at most 1,000, those of them that are the user's.
#[utoipa::path(
    post, path = "/inbox/read", tag = "inbox",
    request_body = MarkRequest,
    responses(
        (status = 200, description = "They are read", body = Marked),
        (status = 400, description = "The body is not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 64 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The Content-Type is not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field breaks a rule or is past a limit; `field` names it", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mark_read(inbox: &Inbox, body: &JsonObject) -> Result<Answer, Problem> {
    let changed = Mark::from_json(body)?.apply(inbox).await?;
    json(&Marked::new(changed, inbox).await?)
}

/// Marks all messages read.
///
/// Without a body everything that is visible when the request begins to be handled; with one, the
/// same as `POST /inbox/read`, which never hides what the page did not show.
#[utoipa::path(
    post, path = "/mark_all_read", tag = "inbox",
    request_body(content = MarkRequest, description = "May be left out"),
    responses(
        (status = 200, description = "They are read", body = Marked),
        (status = 400, description = "The body is not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 64 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The Content-Type is not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field breaks a rule or is past a limit; `field` names it", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mark_all_read(
    inbox: &Inbox,
    body: Option<&JsonObject>,
) -> Result<Answer, Problem> {
    let mark = match body {
        Some(body) => Mark::from_json(body)?,
        None => Mark::Until(inbox.count().await?.as_of),
    };
    let changed = mark.apply(inbox).await?;
    json(&Marked::new(changed, inbox).await?)
}
