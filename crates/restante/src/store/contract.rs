use std::time::SystemTime;

use async_trait::async_trait;

use super::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Records, Relayed, Sent,
    SentFilter, SentPage, Swept,
};
use crate::recipients::Recipients;
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

/// What keeps the stored messages.
///
/// Each method is one atomic intention: it happens whole or not at all, also when the process dies
/// or the caller drops the future midway (a dropped write may or may not have happened). What a
/// method returned is durable. Input has been checked before it gets here.
///
/// **Positions.** Every send and every `mark_unread` takes a position:
/// `max(last + 2, min(milliseconds since 2025, 2^40) × 4096)`, even for personal items, odd for
/// broadcasts. They must rise in the order in which messages become visible, so they are taken
/// under a lock inside the transaction that uses them: `mark_all_read` is a watermark and is right
/// only then.
///
/// **Time.** `now` is told by the caller and decides about expiry and read times. It may jump.
///
/// **Snapshots.** A page, its count and its `as_of` are read from one snapshot.
///
/// **Missing things.** A user never heard of has an empty inbox and sees broadcasts. An item or
/// message that does not exist, is expired, retracted or another's changes nothing and is told as
/// `false`, `0` or `None`.
///
/// Every method is required, so that a wrapper cannot forget one;
/// [`delegate_store!`](crate::delegate_store) and [`delegate_records!`](crate::delegate_records)
/// write the ones it does not care for.
#[async_trait]
pub trait Store: Records {
    /// The store's name for errors and logs: `memory`, `sqlite`, …
    fn name(&self) -> &'static str;

    /// Sends a message to a list of users: all of them or none.
    ///
    /// A list that fits one part is delivered when this returns, in one transaction, and its
    /// items' position is the message's id. (A store whose users are divided over several servers
    /// records it in one transaction and delivers it in one for each of them. Where one of these cannot
    /// be reached, the list waits like a longer one; where a user got something newer meanwhile, the
    /// item's position is above that.) A longer one is recorded whole when this returns and
    /// is delivered by [`deliver`](Store::deliver), part by part; [`Sent::waiting`] tells how many
    /// users still wait.
    ///
    /// The same idempotency key of the same sender within 24 hours, or for as long as
    /// [`keep_key_until`](NewMessage::keep_key_until) says: with the same hash nothing is sent and
    /// the first result is given again with [`Sent::repeated`]; with another hash it is a
    /// `Conflict`. Of several at once one sends.
    ///
    /// The message's date is `now`. It may be long past, of what was sent elsewhere then.
    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error>;

    /// Sends a message to everyone: one row, however many users there are.
    ///
    /// A user known to have joined after it was sent does not see it unless `newcomers`.
    /// Idempotency as in [`send`](Store::send).
    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error>;

    /// Delivers the next waiting part of a long list, with a position of its own and its progress
    /// in the same transaction. `None`: nothing waits.
    ///
    /// Any process may call it at any time; each part is delivered once. `name_users` asks for the
    /// recipients' ids, which costs a look-up each.
    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error>;

    /// Sends up to `limit` messages that programs left in the outbox, in the order of their ids.
    ///
    /// A row leaves the outbox in the transaction that sends it. A row that breaks a rule stays
    /// with its error and is passed over from then on.
    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error>;

    /// A page of one user's items, newest first.
    ///
    /// Without a level, tag or text to look for it is full unless the list ends. With one it looks
    /// at no more than [`limits::SCANNED_ITEMS`](crate::limits::SCANNED_ITEMS) items and may be
    /// short, or empty, with a `next`. Pages after the first give the first one's `as_of`.
    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error>;

    /// How many of one user's items are unread.
    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error>;

    /// One item of this user's, from inbox or archive.
    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error>;

    /// Marks items read and tells how many had no read time before. Idempotent; repeated ids count
    /// once.
    async fn mark_read(&self, now: SystemTime, user: &UserId, ids: &[ItemId])
    -> Result<u64, Error>;

    /// Marks an item unread again and tells whether it was not. It takes a new position, so that a
    /// mark-all with an older `as_of` does not undo it.
    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error>;

    /// Marks read what was visible at `as_of` and tells whether that moved anything.
    ///
    /// A constant number of writes however many items there are (one more for each that was marked
    /// unread by hand). Never reaches an item that became visible, or was marked unread, after
    /// `as_of`. An `as_of` from the future counts as now.
    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error>;

    /// Takes an item out of inbox and archive and tells whether it was there. Receipts keep it.
    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error>;

    /// Remembers when a user joined, unless that is known already, and tells whether it was news.
    async fn join(&self, now: SystemTime, user: &UserId, joined: SystemTime)
    -> Result<bool, Error>;

    /// A page of sent messages, newest first, without those that have expired.
    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error>;

    /// What became of a sent message; with `sender`, only if it sent it. Takes time in proportion
    /// to the recipients, for a broadcast to the known users; blocks nobody.
    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error>;

    /// Takes a message back from everyone, waiting recipients included, and tells whether it was
    /// there; with `sender`, only if it sent it. Pages and counts are right at once; what is left
    /// of a long list is removed by [`sweep`](Store::sweep).
    ///
    /// From here on it expires in 30 days at the latest, also if it was never to: until then
    /// [`sent`](Store::sent) and [`receipts`](Store::receipts) say that it was retracted.
    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error>;

    /// One bounded step of removing what nobody can see: expired and retracted messages, forgotten
    /// users, ended idempotency keys, old marks, refused outbox rows. Any process may call it at
    /// any time.
    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error>;

    /// Forgets a user: from here on the id is that of a user never heard of. Counts in receipts
    /// stay. Tells whether anything was kept. What is left is removed by [`sweep`](Store::sweep).
    async fn forget(&self, now: SystemTime, user: &UserId) -> Result<bool, Error>;

    /// All that is kept of one user, from one snapshot.
    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error>;

    /// Sends in the order of their positions, from the first after `after`: short lists and
    /// broadcasts once, long lists part by part. Not those retracted or expired since.
    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error>;

    /// Hints of what other processes do from now on, for as long as they are listened to. Not of
    /// what is done through this store and its clones.
    ///
    /// A hint that is lost, or a store that has none, delays what others see and loses nothing.
    fn changes(&self) -> Changes;
}
