//! What each route calls.

use axum::extract::OriginalUri;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};
use http::HeaderMap;

use super::extractors::{ItemPath, SignedIn};
use super::response::respond;
use crate::Problem;
use crate::routes::{self, JsonObject, Operation, Query};

type Responded = Result<Response, Problem>;

/// The route of an operation.
pub(super) fn handler<S>(operation: Operation) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    match operation {
        Operation::ListInbox => get(list_inbox),
        Operation::CountUnread => get(count_unread),
        Operation::MarkRead => post(mark_read),
        Operation::StreamInbox => get(stream_inbox),
        Operation::GetItem => get(get_item),
        Operation::DismissItem => delete(dismiss_item),
        Operation::MarkItemRead => post(mark_item_read),
        Operation::MarkItemUnread => post(mark_item_unread),
        Operation::MarkAllRead => post(mark_all_read),
    }
}

async fn list_inbox(
    SignedIn(inbox): SignedIn,
    query: Query,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Responded {
    routes::list_inbox(&inbox, &query, uri.path(), &headers).await.map(respond)
}

async fn count_unread(SignedIn(inbox): SignedIn, headers: HeaderMap) -> Responded {
    routes::count_unread(&inbox, &headers).await.map(respond)
}

async fn stream_inbox(SignedIn(inbox): SignedIn, query: Query, headers: HeaderMap) -> Responded {
    routes::stream_inbox(&inbox, &query, &headers).map(respond)
}

async fn mark_read(SignedIn(inbox): SignedIn, body: JsonObject) -> Responded {
    routes::mark_read(&inbox, &body).await.map(respond)
}

async fn mark_all_read(SignedIn(inbox): SignedIn, body: Option<JsonObject>) -> Responded {
    routes::mark_all_read(&inbox, body.as_ref()).await.map(respond)
}

async fn get_item(
    SignedIn(inbox): SignedIn,
    ItemPath(id): ItemPath,
    headers: HeaderMap,
) -> Responded {
    routes::get_item(&inbox, id, &headers).await.map(respond)
}

async fn dismiss_item(SignedIn(inbox): SignedIn, ItemPath(id): ItemPath) -> Responded {
    routes::dismiss_item(&inbox, id).await.map(respond)
}

async fn mark_item_read(SignedIn(inbox): SignedIn, ItemPath(id): ItemPath) -> Responded {
    routes::mark_item_read(&inbox, id).await.map(respond)
}

async fn mark_item_unread(SignedIn(inbox): SignedIn, ItemPath(id): ItemPath) -> Responded {
    routes::mark_item_unread(&inbox, id).await.map(respond)
}
