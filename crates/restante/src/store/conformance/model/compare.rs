//! Holds what a user sees against what the model says.

use std::collections::BTreeMap;

use super::plain::never;
use super::plain::{Model, Status};
use super::sequence::{Sequence, id};
use crate::clock::to_millis;
use crate::{Filter, Item, ItemId, Level, MessageId, View};

/// An item as it is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) id: i64,
    text: String,
    level: i32,
    tag: String,
    date: i64,
    unread: bool,
    everyone: bool,
    read_at: Option<i64>,
    expires_at: Option<i64>,
}

impl From<&Item> for Seen {
    fn from(item: &Item) -> Self {
        Self {
            id: item.id.value(),
            text: item.message.text().to_owned(),
            level: item.message.level().value(),
            tag: item.message.extra_tags().to_owned(),
            date: to_millis(item.date),
            unread: item.unread,
            everyone: item.everyone,
            read_at: item.read_at.map(to_millis),
            expires_at: item.expires_at.map(to_millis),
        }
    }
}

impl Sequence<'_> {
    /// What the model has for a filter, whatever its limit.
    pub(super) fn expected(&self, user: &str, filter: &Filter) -> Vec<Seen> {
        let all = self.model.archive(user, self.clock).into_iter();
        let all = all.map(|(position, held, said)| Seen {
            id: position,
            text: said.text.clone(),
            level: said.level,
            tag: said.tag.clone(),
            date: said.sent_at,
            unread: Model::is_unread(held, said, self.clock),
            everyone: said.everyone,
            read_at: if let Status::Read(at) = held.status { Some(at) } else { None },
            expires_at: (said.expires != never()).then_some(said.expires),
        });
        all.filter(|seen| {
            let twin = |level: Level| level.value() == 20 && seen.level == 21;
            (filter.view == View::Archive || seen.unread)
                && filter.level.is_none_or(|level| level.value() == seen.level || twin(level))
                && filter.tag.as_ref().is_none_or(|tag| *tag == seen.tag)
                && filter.q.as_ref().is_none_or(|q| seen.text.contains(&q.to_lowercase()))
        })
        .collect()
    }

    /// Pages of both views, count, `as_of`, one item and one message's receipts.
    pub(super) async fn compare(&mut self, user: &'static str) {
        for view in [View::Unread, View::Archive] {
            self.compare_page(user, view).await;
        }
        let (now, user_id) = (self.now(), id(user));
        let item = self.item_of(user);
        let got = self.store.get(now, &user_id, ItemId::new(item)).await.unwrap();
        let want = self.expected(user, &Filter::archive()).into_iter().find(|s| s.id == item);
        assert_eq!(got.as_ref().map(Seen::from), want, "item {item} of {user:?}");

        let latest: Vec<i64> = self.model.messages.keys().rev().take(30).copied().collect();
        let Some(message) = self.pick(&latest) else { return };
        let receipts = self.store.receipts(now, MessageId::new(message), None).await.unwrap();
        let got = receipts.map(|r| (r.sent.recipients, r.delivered, r.read));
        assert_eq!(got, self.model.receipts(message, self.clock), "receipts of {message}");
    }

    async fn compare_page(&mut self, user: &'static str, view: View) {
        let limit = if self.chance(60) { 100 } else { self.rng.usize(1..=5) };
        let mut filter = Filter { view, limit, ..Filter::default() };
        if self.chance(25) {
            filter.level = self.pick(&[None, Some(Level::INFO), Some(Level::new(21))]).flatten();
            filter.tag = self.pick(&[None, Some("x".to_owned())]).flatten();
            filter.q = self.pick(&[None, Some("M1".to_owned())]).flatten();
        }
        let (now, user_id) = (self.now(), id(user));
        let want = self.expected(user, &filter);
        let count = self.store.count(now, &user_id).await.unwrap();
        assert_eq!(count.unread, self.model.unread(user, self.clock), "count of {user:?}");
        let is_filtered = filter.level.is_some() || filter.tag.is_some() || filter.q.is_some();
        let mut got = Vec::new();
        loop {
            let page = self.store.list(now, &user_id, &filter).await.unwrap();
            assert!(page.items.len() <= limit);
            assert_eq!((page.unread, page.as_of), (count.unread, count.as_of));
            got.extend(page.items.iter().map(Seen::from));
            filter.after = page.next;
            if !is_filtered {
                assert_eq!(page.next.is_some(), want.len() > limit, "next of {user:?}");
                let want: Vec<_> = want.into_iter().take(limit).collect();
                assert_eq!(got, want, "{view:?} of {user:?}");
                break;
            }
            if page.next.is_none() {
                assert_eq!(got, want, "{filter:?} of {user:?}");
                break;
            }
        }
        if self.chance(20) {
            self.tokens.push((user, count.as_of, self.model.token(user)));
        }
    }

    /// Everything that is handed out of one user.
    pub(super) async fn export(&mut self, user: &'static str) {
        self.note(|| format!("export of {user:?}"));
        let export = self.store.export(self.now(), &id(user)).await.unwrap();
        let joined = self.model.people[user].joined;
        assert_eq!(export.joined.map(to_millis), joined);
        let shown = export.items.iter().filter(|exported| !exported.dismissed);
        let shown: Vec<_> = shown.map(|exported| Seen::from(&exported.item)).collect();
        assert_eq!(shown, self.expected(user, &Filter::archive()), "export of {user:?}");
        let dismissed: BTreeMap<_, _> = export
            .items
            .iter()
            .filter(|exported| exported.dismissed)
            .map(|e| (e.item.id.value(), e.item.read_at.map(to_millis)))
            .collect();
        assert_eq!(dismissed, self.model.dismissed(user, self.clock));
        let rows = self.outbox.iter().chain(&self.refused);
        let mut want: Vec<_> = rows
            .filter(|left| left.row.recipient == user)
            .map(|left| left.row.message.clone())
            .collect();
        let mut got = export.outbox;
        got.sort();
        want.sort();
        assert_eq!(got, want, "outbox of {user:?}");
    }
}
