//! What users do: mark read, unread, all; dismiss; walk through their pages.

use super::sequence::{Sequence, id};
use crate::{AsOf, Cursor, Filter, ItemId, MAX_POSITION, View};

impl Sequence<'_> {
    pub(super) async fn mark_read(&mut self, user: &'static str) {
        let count = self.pick(&[1, 1, 1, 2, 4]).unwrap_or(1);
        let mut ids: Vec<i64> = (0..count).map(|_| self.item_of(user)).collect();
        if self.chance(10) {
            ids.push(ids[0]);
        }
        self.note(|| format!("{user:?} reads {ids:?}"));
        let items: Vec<_> = ids.iter().copied().map(ItemId::new).collect();
        let got = self.store.mark_read(self.now(), &id(user), &items).await.unwrap();
        let changed = ids.iter().filter(|id| self.model.mark_read(user, **id, self.clock));
        assert_eq!(got, changed.count() as u64);
    }

    pub(super) async fn mark_unread(&mut self, user: &'static str) {
        let item = self.item_of(user);
        self.note(|| format!("{user:?} keeps {item}"));
        let got = self.store.mark_unread(self.now(), &id(user), ItemId::new(item)).await;
        assert_eq!(got.unwrap(), self.model.mark_unread(user, item, self.clock));
    }

    pub(super) async fn dismiss(&mut self, user: &'static str) {
        let item = self.item_of(user);
        self.note(|| format!("{user:?} dismisses {item}"));
        let got = self.store.dismiss(self.now(), &id(user), ItemId::new(item)).await;
        assert_eq!(got.unwrap(), self.model.dismiss(user, item, self.clock));
    }

    /// With the `as_of` of one of the user's last pages, with that of one made now, or with one from
    /// the future.
    pub(super) async fn mark_all(&mut self, user: &'static str) {
        let now = self.now();
        let latest = self.tokens.iter().rev().filter(|(of, ..)| *of == user).take(6);
        let latest: Vec<_> = latest.cloned().collect();
        let (as_of, token) = match self.rng.u8(0..8) {
            0 => (AsOf::new(MAX_POSITION, MAX_POSITION), self.model.token(user)),
            1..=2 => {
                let count = self.store.count(now, &id(user)).await.unwrap();
                (count.as_of, self.model.token(user))
            }
            _ => match self.pick(&latest) {
                Some((_, as_of, token)) => (as_of, token),
                None => return,
            },
        };
        self.note(|| format!("{user:?} marks all {}", as_of.personal()));
        let user_id = id(user);
        let got = self.store.mark_all_read(now, &user_id, &as_of).await.unwrap();
        let changed = self.model.mark_all(user, &token, self.clock);
        assert!(got || !changed, "it says that nothing changed");
        let again = self.store.mark_all_read(now, &user_id, &as_of).await.unwrap();
        assert!(!again, "the second time changed something");
    }

    /// From page to page while messages arrive: nothing twice, nothing left out, and every page has
    /// the first one's `as_of`.
    pub(super) async fn walk(&mut self, user: &'static str) {
        self.note(|| format!("{user:?} walks"));
        let view = if self.chance(50) { View::Unread } else { View::Archive };
        let want = self.expected(user, &Filter { view, ..Filter::default() });
        let (mut got, mut first, mut after) = (Vec::new(), None, None::<Cursor>);
        loop {
            let limit = self.rng.usize(1..=4);
            let filter = Filter { view, after, limit, ..Filter::default() };
            let page = self.store.list(self.now(), &id(user), &filter).await.unwrap();
            assert_eq!(page.unread, self.model.unread(user, self.clock));
            assert_eq!(*first.get_or_insert(page.as_of), page.as_of);
            assert!(page.items.len() == limit || page.next.is_none());
            got.extend(page.items.iter().map(super::compare::Seen::from));
            after = match page.next {
                // A token that was in somebody's link comes back as text.
                Some(next) => Some(next.to_string().parse().unwrap()),
                None => break,
            };
            if self.chance(40) {
                self.send(user).await;
            }
        }
        assert_eq!(got, want);
    }
}
