//! What the inbox's buttons do: to one message, to those that are ticked, to all.

use axum::response::Redirect;
use restante::{ItemId, Messages};

use super::form::OwnForm;
use super::item_at::ItemAt;
use super::problem::Problem;

/// `POST /inbox/{id}/open`: marks it read and leads to its page.
pub(super) async fn open(ItemAt(id): ItemAt, form: OwnForm) -> Result<Redirect, Problem> {
    let id = own_item(&form, id).await?;
    form.inbox.mark_read(id).await?;
    Ok(form.to_item(id))
}

/// `POST /inbox/{id}/read`
pub(super) async fn mark_read(
    ItemAt(id): ItemAt,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, id).await?;
    if form.inbox.mark_read(id).await? {
        messages.success("Marked read. It is still under All.");
    }
    Ok(form.back())
}

/// `POST /inbox/{id}/unread`
pub(super) async fn mark_unread(
    ItemAt(id): ItemAt,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, id).await?;
    if form.inbox.mark_unread(id).await? {
        messages.success("Marked unread.");
    }
    Ok(form.back())
}

/// `POST /inbox/{id}/dismiss`
pub(super) async fn dismiss(
    ItemAt(id): ItemAt,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let id = own_item(&form, id).await?;
    if form.inbox.dismiss(id).await? {
        messages.success("Dismissed.");
    }
    Ok(form.back_without(&[id]))
}

/// `POST /inbox/read`: marks what the page showed or could have shown, and nothing newer.
pub(super) async fn mark_all_read(messages: Messages, form: OwnForm) -> Result<Redirect, Problem> {
    if form.inbox.mark_all_read(&form.as_of().parse()?).await? {
        messages.success("Everything that was there when this page was made is marked read.");
    } else {
        messages.info("Nothing was unread.");
    }
    Ok(form.back())
}

/// `POST /inbox/ticked/read`
pub(super) async fn mark_ticked_read(
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let ids = form.ticked()?;
    let changed = form.inbox.mark_read_many(&ids).await?;
    say(&messages, &ids, changed, "marked read");
    Ok(form.back())
}

/// `POST /inbox/ticked/unread`
pub(super) async fn mark_ticked_unread(
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let ids = form.ticked()?;
    let mut changed = 0;
    for id in &ids {
        changed += u64::from(form.inbox.mark_unread(*id).await?);
    }
    say(&messages, &ids, changed, "marked unread");
    Ok(form.back())
}

/// `POST /inbox/ticked/dismiss`
pub(super) async fn dismiss_ticked(messages: Messages, form: OwnForm) -> Result<Redirect, Problem> {
    let ids = form.ticked()?;
    let mut changed = 0;
    for id in &ids {
        changed += u64::from(form.inbox.dismiss(*id).await?);
    }
    say(&messages, &ids, changed, "dismissed");
    Ok(form.back_without(&ids))
}

/// What became of those that were ticked. One that is gone, or was so already, is not counted.
fn say(messages: &Messages, ticked: &[ItemId], changed: u64, what: &str) {
    match changed {
        0 if ticked.is_empty() => messages.info("No message was ticked."),
        0 => messages.info("Nothing had to be changed."),
        1 => messages.success(format!("1 message {what}.")),
        many => messages.success(format!("{many} messages {what}.")),
    };
}

/// The id, if it is an item of this user's. Another's does not exist.
async fn own_item(form: &OwnForm, id: ItemId) -> Result<ItemId, Problem> {
    Ok(form.inbox.get(id).await?.id)
}
