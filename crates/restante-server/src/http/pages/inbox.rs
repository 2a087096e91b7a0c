//! The inbox page, and the page of one of its items.
//!
//! Neither changes anything: browsers and mail clients fetch pages ahead that nobody looks at. An
//! unread message is opened by a form (`marking::open`), which marks it read and leads to its page;
//! where scripts run, the page itself sends that form once somebody sees it.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use restante::{Item, Messages};

use super::App;
use super::item_at::ItemAt;
use super::list_query::ListQuery;
use super::problem::Problem;
use super::signed_in::SignedIn;
use super::view::InboxPage;

/// Sent along by the page's script when it brings itself up to date. What the last form has to say
/// is for the page that sent it, and waits.
const REFRESH: &str = "restante-refresh";

/// `GET /inbox?view=unread|archive&after=&level=&tag=&q=`
pub(super) async fn list_inbox(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    messages: Messages,
    headers: HeaderMap,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(query) = query?;
    show(&app, &signed_in, &messages, &headers, query, None).await
}

/// `GET /inbox/{id}?…`: the item beside the list that the query names.
pub(super) async fn show_item(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    ItemAt(id): ItemAt,
    messages: Messages,
    headers: HeaderMap,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(query) = query?;
    let item = signed_in.inbox(&app)?.get(id).await?;
    show(&app, &signed_in, &messages, &headers, query, Some(item)).await
}

async fn show(
    app: &App,
    signed_in: &SignedIn,
    messages: &Messages,
    headers: &HeaderMap,
    query: ListQuery,
    item: Option<Item>,
) -> Result<Html<String>, Problem> {
    let page = signed_in.inbox(app)?.list(query.filter()?).await?;
    let token = app.sessions.form_token(&signed_in.session);
    let now = app.restante.now();
    let mut shown = InboxPage::new(&app.site, now, signed_in, token, query, &page, item.as_ref());
    if !headers.contains_key(REFRESH) {
        shown = shown.with_flash(&messages.take().await);
    }
    Ok(Html(shown.render().map_err(Problem::internal)?))
}
