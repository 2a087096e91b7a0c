use restante::{ItemId, UserId};

use crate::backend::Backend;
use crate::backend::shapes::Item;
use crate::failure::Failure;

/// One of the user's own items, or a failure that says where ids come from.
pub(super) async fn find(
    backend: &dyn Backend,
    user: &UserId,
    id: ItemId,
) -> Result<Item, Failure> {
    match backend.item(user, id).await? {
        Some(item) => item.read(),
        None => Err(missing(user, id)),
    }
}

/// The user has no such item.
pub(super) fn missing(user: &UserId, id: ItemId) -> Failure {
    Failure::said(format!(
        "{user} has no message {id}; `restante inbox {user} --archive` lists them"
    ))
}
