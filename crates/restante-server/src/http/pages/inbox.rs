//! The inbox page and what its buttons do.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use restante::{ItemId, Messages};

use super::App;
use super::form::OwnForm;
use super::list_query::ListQuery;
use super::problem::Problem;
use super::signed_in::SignedIn;
use super::view::InboxPage;

/// `GET /inbox?view=unread|archive&after=&level=&tag=`
pub(super) async fn list_inbox(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    messages: Messages,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Html<String>, Problem> {
    let Query(query) = query?;
    let page = signed_in.inbox(&app)?.list(query.filter()?).await?;
    let form_token = app.sessions.form_token(&signed_in.session);
    let said = messages.take().await;
    let shown = InboxPage::new(&app.site, app.restante.now(), &signed_in, form_token, query, &page)
        .with_flash(&said);
    Ok(Html(shown.render().map_err(Problem::internal)?))
}

/// `POST /inbox/{id}/read`
pub(super) async fn mark_read(
    Path(id): Path<String>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, &id).await?;
    if form.inbox.mark_read(id).await? {
        messages.success("Marked read. It is still under All.");
    }
    Ok(form.back())
}

/// `POST /inbox/{id}/unread`
pub(super) async fn mark_unread(
    Path(id): Path<String>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, &id).await?;
    if form.inbox.mark_unread(id).await? {
        messages.success("Marked unread.");
    }
    Ok(form.back())
}

/// `POST /inbox/{id}/dismiss`
pub(super) async fn dismiss(
    Path(id): Path<String>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, &id).await?;
    if form.inbox.dismiss(id).await? {
        messages.success("Dismissed.");
    }
    Ok(form.back())
}

/// `POST /inbox/read`: marks what the page showed or could have shown, and nothing newer.
pub(super) async fn mark_all_read(messages: Messages, form: OwnForm) -> Result<Redirect, Problem> {
    if form.inbox.mark_all_read(&form.as_of.parse()?).await? {
        messages.success("Everything that this page showed is marked read.");
    } else {
        messages.info("Nothing was unread.");
    }
    Ok(form.back())
}

/// The id, if it is an item of this user's. Another's does not exist, and neither does what is no
/// id at all.
async fn own_item(form: &OwnForm, id: &str) -> Result<ItemId, Problem> {
    let id = id.parse().map_err(|_| Problem::NotFound)?;
    Ok(form.inbox.get(id).await?.id)
}
