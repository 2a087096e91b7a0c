use restante::{Inbox, Item, ItemId};

use crate::failure::Failure;

/// One of the user's own items, or a failure that says where ids come from.
pub(super) async fn find(inbox: &Inbox, id: ItemId) -> Result<Item, Failure> {
    match inbox.get(id).await {
        Err(error) if error.is_not_found() => Err(Failure::said(format!(
            "{user} has no message {id}; `restante inbox {user} --archive` lists them",
            user = inbox.user(),
        ))),
        found => Ok(found?),
    }
}
