use std::sync::Arc;

use super::super::state::{Row, State};
use super::data::{Data, Stored, UserData};
use crate::clock::from_millis;
use crate::store::NewMessage;
use crate::{AsOf, Count, Cursor, Filter, Item, ItemId, Page, UserId, View, limits};

/// A user of whom nothing is kept.
static UNKNOWN: std::sync::LazyLock<UserData> = std::sync::LazyLock::new(UserData::default);

impl Data {
    pub(super) fn user(&self, user: &UserId) -> &UserData {
        self.users.get(user).unwrap_or(&UNKNOWN)
    }

    /// Everything that the user may see, newest first.
    fn visible<'a>(&'a self, now: i64, user: &'a UserData) -> Vec<(Row, &'a Stored)> {
        let personal = user
            .items
            .values()
            .filter_map(|(row, message)| Some((*row, self.messages.get(message)?)));
        let everyone =
            self.broadcasts().map(|(id, stored)| (user.broadcast_row(id, stored), stored));
        let mut rows: Vec<_> = personal
            .chain(everyone)
            .filter(|(row, stored)| {
                row.state != State::Dismissed
                    && stored.is_live(now)
                    && stored.is_eligible(user.joined)
            })
            .collect();
        rows.sort_unstable_by_key(|(row, _)| std::cmp::Reverse(row.position));
        rows
    }

    pub(super) fn list(&self, now: i64, user: &UserId, filter: &Filter) -> Page {
        let Count { unread, as_of } = self.count(now, user);
        let user = self.user(user);
        let as_of = filter.after.map_or(as_of, Cursor::as_of);
        let below = filter.after.map_or(i64::MAX, Cursor::position);
        let is_filtered = filter.is_selective();
        let (matcher, mut scanned, mut last) = (filter.matcher(), 0, below);
        let mut page = Page { items: Vec::new(), next: None, unread, as_of };
        for (row, stored) in self.visible(now, user) {
            let is_unread = row.is_unread(user.read_through, now);
            if row.position >= below || (filter.view == View::Unread && !is_unread) {
                continue;
            }
            if page.items.len() == filter.limit || (is_filtered && scanned == limits::SCANNED_ITEMS)
            {
                page.next = Some(Cursor::new(last, as_of));
                break;
            }
            scanned += 1;
            last = row.position;
            if matcher.matches(&stored.message) {
                page.items.push(item(now, user, &row, stored));
            }
        }
        page
    }

    pub(super) fn count(&self, now: i64, user: &UserId) -> Count {
        let user = self.user(user);
        let rows = self.visible(now, user);
        let unread = rows.iter().filter(|(row, _)| row.is_unread(user.read_through, now)).count();
        let as_of = self.as_of(user);
        Count { unread: unread as u64, as_of: AsOf::new(as_of, as_of) }
    }

    /// The highest position that can be visible to this user: of new items, of marking unread, of
    /// broadcasts, and the watermark itself. The user's own, so that it stands still while others
    /// get messages.
    pub(super) fn as_of(&self, user: &UserData) -> i64 {
        let rows = user.items.values().map(|(row, _)| row).chain(user.seen.values());
        let personal = rows.filter_map(|row| match row.state {
            State::New => Some(row.position),
            State::Kept => row.at,
            State::Read | State::Dismissed => None,
        });
        let broadcast = self.broadcasts().next().map(|(id, _)| id);
        personal.chain(broadcast).chain([user.read_through]).max().unwrap_or(0)
    }

    /// The user's row of an item that can be seen now, with its message.
    pub(super) fn row(&self, now: i64, user: &UserId, id: ItemId) -> Option<(Row, &Stored)> {
        let user = self.user(user);
        let (row, message) = if id.is_broadcast() {
            (user.broadcast_row(id.value(), self.messages.get(&id.value())?), id.value())
        } else {
            *user.items.get(&id.value())?
        };
        let stored = self.messages.get(&message)?;
        let is_visible =
            row.state != State::Dismissed && stored.is_live(now) && stored.is_eligible(user.joined);
        is_visible.then_some((row, stored))
    }

    pub(super) fn get(&self, now: i64, user: &UserId, id: ItemId) -> Option<Item> {
        let (row, stored) = self.row(now, user, id)?;
        Some(item(now, self.user(user), &row, stored))
    }
}

pub(super) fn item(now: i64, user: &UserData, row: &Row, stored: &Stored) -> Item {
    let id = ItemId::new(row.position);
    Item {
        id,
        message: Arc::clone(&stored.message),
        date: from_millis(stored.sent_at),
        unread: row.is_unread(user.read_through, now),
        everyone: id.is_broadcast(),
        read_at: user.read_at(row).map(from_millis),
        expires_at: NewMessage::shown_expiry(from_millis(stored.expires_at)),
    }
}
