use actix_web::{HttpRequest, web};

use crate::routes::{self, Answer, JsonObject, Operation, Query};
use crate::{Inbox, ItemId, Problem, limits};

/// Does what a request asks for.
pub(super) async fn answer(
    operation: Operation,
    inbox: &Inbox,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Answer, Problem> {
    let (headers, query) = (request.headers(), || Query::parse(request.query_string()));
    match operation {
        Operation::ListInbox => {
            routes::list_inbox(inbox, &query()?, request.uri().path(), headers).await
        }
        Operation::CountUnread => routes::count_unread(inbox, headers).await,
        Operation::StreamInbox => routes::stream_inbox(inbox, &query()?, headers),
        Operation::MarkRead => {
            let body = JsonObject::parse(routes::is_json(headers), &read(body).await?)?;
            routes::mark_read(inbox, &body).await
        }
        Operation::MarkAllRead => {
            let body = JsonObject::if_any(routes::is_json(headers), &read(body).await?)?;
            routes::mark_all_read(inbox, body.as_ref()).await
        }
        Operation::GetItem => routes::get_item(inbox, id_in(request)?, headers).await,
        Operation::DismissItem => routes::dismiss_item(inbox, id_in(request)?).await,
        Operation::MarkItemRead => routes::mark_item_read(inbox, id_in(request)?).await,
        Operation::MarkItemUnread => routes::mark_item_unread(inbox, id_in(request)?).await,
    }
}

/// The body, if it is no longer than it may be.
async fn read(body: web::Payload) -> Result<web::Bytes, Problem> {
    match body.to_bytes_limited(limits::BODY_BYTES).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(routes::broken_off()),
        Err(_) => Err(routes::too_long()),
    }
}

/// The `{id}` of the path. The last one, because the app may have a scope with one of its own.
fn id_in(request: &HttpRequest) -> Result<ItemId, Problem> {
    let parameters = request.match_info().iter();
    let id = parameters.filter(|(name, _)| *name == "id").last();
    let id = id.map(|(_, id)| id).unwrap_or_default();
    // actix-web puts this in the place of what is not UTF-8.
    if id.contains(char::REPLACEMENT_CHARACTER) {
        return Err(routes::malformed_id("the path must be percent-encoded UTF-8".to_owned()));
    }
    routes::id_of(id)
}
