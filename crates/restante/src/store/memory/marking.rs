use super::super::state::Row;
use super::data::Data;
use crate::{AsOf, ItemId, UserId};

impl Data {
    pub(super) fn mark_read(&mut self, now: i64, user: &UserId, id: ItemId) -> bool {
        let Some((row, _)) = self.row(now, user, id) else {
            return false;
        };
        let Some(row) = row.marked_read(self.user(user).read_at(&row), now) else {
            return false;
        };
        self.put_row(user, row);
        self.day(now).read += 1;
        true
    }

    pub(super) fn mark_unread(&mut self, now: i64, user: &UserId, id: ItemId) -> bool {
        let Some((row, stored)) = self.row(now, user, id) else {
            return false;
        };
        let expires_at = stored.expires_at;
        let read_through = self.user(user).read_through;
        if row.marked_unread(read_through, now, 0, expires_at).is_none() {
            return false;
        }
        let since = self.position(now);
        let Some(row) = row.marked_unread(read_through, now, since, expires_at) else {
            return false;
        };
        self.put_row(user, row);
        true
    }

    pub(super) fn dismiss(&mut self, now: i64, user: &UserId, id: ItemId) -> bool {
        let Some((row, _)) = self.row(now, user, id) else {
            return false;
        };
        let Some(row) = row.dismissed(self.user(user).read_at(&row)) else {
            return false;
        };
        self.put_row(user, row);
        true
    }

    pub(super) fn mark_all_read(&mut self, now: i64, user: &UserId, as_of: AsOf) -> bool {
        let newest = self.as_of(self.user(user));
        let as_of = as_of.personal().max(as_of.broadcast()).min(newest);
        if as_of == 0 {
            // Nothing can be marked, and a user unknown so far stays so.
            return false;
        }
        let data = self.users.entry(user.clone()).or_default();
        let mut changed = false;
        if as_of > data.read_through {
            data.read_through = as_of;
            data.marks.insert(as_of, now);
            changed = true;
        }
        let rows = data.items.values_mut().map(|(row, _)| row).chain(data.seen.values_mut());
        for row in rows {
            if let Some(read) = row.marked_by_all(as_of, now) {
                *row = read;
                changed = true;
            }
        }
        if changed {
            self.day(now).read_all += 1;
        }
        changed
    }

    pub(super) fn join(&mut self, user: &UserId, joined: i64) -> bool {
        let data = self.users.entry(user.clone()).or_default();
        if data.joined.is_some() {
            return false;
        }
        data.joined = Some(joined);
        true
    }

    fn put_row(&mut self, user: &UserId, row: Row) {
        let data = self.users.entry(user.clone()).or_default();
        if ItemId::new(row.position).is_broadcast() {
            data.seen.insert(row.position, row);
        } else if let Some((old, _)) = data.items.get_mut(&row.position) {
            *old = row;
        }
    }
}
