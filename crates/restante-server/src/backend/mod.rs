//! What the verbs speak to.
//!
//! [`Backend`] is one method for each thing that a verb needs. `local` does it on a store that this
//! process opens, `remote` asks a server over HTTP. Both give an [`Answer`] in the same `shapes`, so
//! that a verb does not know which it was. `letter` is what is sent, `progress` the bar of what
//! takes long.

mod answer;
mod letter;
mod local;
mod progress;
pub(crate) mod remote;
pub(crate) mod shapes;

use std::time::Duration;

use async_trait::async_trait;
use restante::store::SentFilter;
use restante::{AsOf, Filter, ItemId, MessageId, UserId};
use serde::de::IgnoredAny;

pub(crate) use self::answer::Answer;
pub(crate) use self::letter::{Letter, Recipients};
pub(crate) use self::local::Local;
pub(crate) use self::progress::bar;
use self::shapes::{
    Changed, Count, Item, Keys, Marked, NewKey, Page, Receipts, Sent, SentPage, Swept, Token,
};
use crate::access::Scope;
use crate::failure::Failure;

/// What the verbs speak to. What is not there is told as `None` or `false`, so that each verb can
/// say where to look for it.
#[async_trait]
pub(crate) trait Backend {
    /// Sends, and stays until a long list is delivered.
    async fn send(&self, letter: Letter) -> Result<Answer<Sent>, Failure>;

    async fn inbox(&self, user: &UserId, filter: Filter) -> Result<Answer<Page>, Failure>;
    async fn item(&self, user: &UserId, id: ItemId) -> Result<Option<Answer<Item>>, Failure>;
    async fn count(&self, user: &UserId) -> Result<Answer<Count>, Failure>;
    async fn mark_read(&self, user: &UserId, ids: &[ItemId]) -> Result<Answer<Marked>, Failure>;
    async fn mark_all_read(&self, user: &UserId, as_of: &AsOf) -> Result<Answer<Marked>, Failure>;
    async fn mark_unread(&self, user: &UserId, id: ItemId) -> Result<Answer<Marked>, Failure>;
    async fn dismiss(&self, user: &UserId, id: ItemId) -> Result<bool, Failure>;

    async fn sent(&self, filter: SentFilter) -> Result<Answer<SentPage>, Failure>;
    async fn receipts(&self, id: MessageId) -> Result<Option<Answer<Receipts>>, Failure>;
    async fn retract(&self, id: MessageId) -> Result<bool, Failure>;

    async fn sweep(&self) -> Result<Answer<Swept>, Failure>;
    async fn forget(&self, user: &UserId) -> Result<Answer<Changed>, Failure>;
    /// It is handed out as it is, so nothing of it is read here.
    async fn export(&self, user: &UserId) -> Result<Answer<IgnoredAny>, Failure>;

    async fn issue_token(&self, user: &UserId, ttl: Duration) -> Result<Answer<Token>, Failure>;
    async fn create_key(&self, name: &str, scopes: &[Scope]) -> Result<Answer<NewKey>, Failure>;
    async fn keys(&self) -> Result<Answer<Keys>, Failure>;
    async fn revoke_key(&self, id: &str) -> Result<bool, Failure>;
}
