use http::header::LINK;

use super::answer::{Answer, tagged, tagged_count};
use super::next_link::next_link;
use super::query::Query;
use super::reader_tag;
use super::schemas::{Count, Page};
use crate::headers::Headers;
use crate::{Error, Filter, Inbox, Problem};

/// The inbox or the archive, newest first.
///
/// A page that is filtered may be short, or empty, although there is a next.
#[utoipa::path(
    get, path = "/inbox", tag = "inbox",
    params(
        ("view" = Option<String>, Query, description = "`unread`, which is the inbox, or `archive`: read ones too", pattern = "^(unread|archive)?$"),
        ("after" = Option<String>, Query, description = "The `next` of the page before", pattern = r"^([01]?[0-9a-f]{1,13}-[01]?[0-9a-f]{1,13}(\.[01]?[0-9a-f]{1,13})?)?$"),
        ("limit" = Option<u8>, Query, description = "At most so many items; 20 unless told otherwise", minimum = 1, maximum = 100),
        ("level" = Option<String>, Query, description = "Only this level and its stored twin: `debug`, `info`, `success`, `warning`, `error`, one of these with `stored_` in front, or an integer", pattern = r"^((stored_)?(debug|info|success|warning|error)|-?[0-9]{1,9})?$"),
        ("tag" = Option<String>, Query, description = "Only messages with this extra tag; at most 64 bytes", max_length = 64, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$"),
        ("q" = Option<String>, Query, description = "Only messages whose text holds this, upper or lower case; at most 255 bytes", max_length = 255, pattern = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the content that is there already"),
    ),
    responses(
        (status = 200, description = "A page", body = Page, headers(
            ("ETag" = String, description = "A hash of the content"),
            ("Restante-Reader" = String, description = "Whose inbox it is: the same for the same user, and opaque"),
            ("Link" = String, description = "Where the list goes on, `rel=\"next\"`; not at its end"),
        )),
        (status = 304, description = "The content is the one that If-None-Match names"),
        (status = 400, description = "The query is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter breaks a rule or is past a limit; `field` names it", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list_inbox(
    inbox: &Inbox,
    query: &Query,
    path: &str,
    headers: &impl Headers,
) -> Result<Answer, Problem> {
    let page = inbox.list(filter(query)?).await?;
    let mut answer = tagged(headers, &page)?;
    reader_tag::insert(answer.headers_mut(), inbox.user());
    if let Some(link) = page.next.and_then(|next| next_link(path, query, next)) {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

fn filter(query: &Query) -> Result<Filter, Error> {
    let mut filter = Filter::default();
    if let Some(view) = query.get("view")? {
        filter.view = view.parse()?;
    }
    if let Some(after) = query.get("after")? {
        filter.after = Some(after.parse()?);
    }
    if let Some(limit) = query.get("limit")? {
        filter.limit = limit.parse().map_err(|error| {
            Error::invalid("limit", "must be a number from 1 to 100").with_source(error)
        })?;
    }
    if let Some(level) = query.get("level")? {
        filter.level = Some(level.parse()?);
    }
    filter.tag = query.get("tag")?.map(str::to_owned);
    filter.q = query.get("q")?.map(str::to_owned);
    Ok(filter)
}

/// How many messages are unread.
#[utoipa::path(
    get, path = "/inbox/count", tag = "inbox",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the content that is there already")),
    responses(
        (status = 200, description = "The count", body = Count, headers(
            ("ETag" = String, description = "A tag of the content"),
        )),
        (status = 304, description = "The content is the one that If-None-Match names"),
    ),
)]
pub(crate) async fn count_unread(inbox: &Inbox, headers: &impl Headers) -> Result<Answer, Problem> {
    tagged_count(headers, &inbox.count().await?)
}
