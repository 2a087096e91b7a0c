//! What the service and the operator do: deliver, sweep, join, forget; and the end of a sequence.

use std::time::Duration;

use super::plain::never;
use super::sequence::{Sequence, USERS, id};
use crate::Filter;
use crate::clock::from_millis;
use crate::store::{Expiry, SentFilter, Swept};

impl Sequence<'_> {
    pub(super) async fn deliver(&mut self) {
        let delivered = self.store.deliver(self.now(), true).await.unwrap();
        self.note(|| format!("delivers {delivered:?}"));
        let Some(part) = delivered else {
            let mut waiting = self.model.messages.values().filter(|s| s.expires > self.clock);
            assert!(waiting.all(|said| said.waiting.is_empty()), "a list was forgotten");
            return;
        };
        let (message, position) = (part.id.value(), part.position.value());
        self.took(position);
        assert_eq!(part.delivered, part.users.len() as u64);
        assert!(part.users.len() <= self.part_size);
        let mut users: Vec<_> = part.users.iter().map(|user| user.as_str().to_owned()).collect();
        users.sort();
        for user in &users {
            let said = self.model.messages.get_mut(&message).expect("a message that is gone");
            assert!(said.waiting.remove(user), "{user:?} did not wait");
            self.model.deliver(user, position, message);
        }
        self.model.log.push((position, message, Some(users)));
    }

    /// A few steps. What they remove nobody can see, so the model knows nothing of it.
    pub(super) async fn sweep(&mut self) {
        let steps = self.rng.usize(1..8);
        self.note(|| format!("sweeps {steps} steps"));
        for _ in 0..steps {
            if !self.store.sweep(self.now()).await.unwrap().more {
                break;
            }
        }
    }

    pub(super) async fn sweep_all(&mut self) {
        self.note(|| "sweeps".to_owned());
        let mut steps = 0;
        while self.store.sweep(self.now()).await.unwrap().more {
            steps += 1;
            assert!(steps < 10_000, "sweeping does not end");
        }
        self.model.purge(self.clock);
    }

    pub(super) async fn join(&mut self, user: &'static str) {
        let at = self.clock - self.rng.i64(0..60_000);
        self.note(|| format!("{user:?} joined at {at}"));
        let news = self.store.join(self.now(), &id(user), from_millis(at)).await.unwrap();
        let person = self.model.people.entry(user.to_owned()).or_default();
        assert_eq!(news, person.joined.is_none());
        person.joined.get_or_insert(at);
    }

    pub(super) async fn forget(&mut self, user: &'static str) {
        self.note(|| format!("forgets {user:?}"));
        let person = &self.model.people[user];
        let mut held = person.held.iter();
        let is_known = person.joined.is_some() || held.any(|(position, _)| position % 2 == 0);
        let known = self.store.forget(self.now(), &id(user)).await.unwrap();
        assert!(known || !is_known, "it says that nothing was kept");
        self.model.forget(user, self.clock);
        self.tokens.retain(|(of, ..)| *of != user);
        self.outbox.retain(|left| left.row.recipient != user);
        self.refused.retain(|left| left.row.recipient != user);
        let again = self.store.forget(self.now(), &id(user)).await.unwrap();
        assert!(!again, "something was kept");
    }

    /// In the end everything expires, and nothing may be left of it.
    pub(super) async fn finish(&mut self) {
        for user in USERS {
            self.export(user).await;
            self.compare(user).await;
        }
        while !self.outbox.is_empty() {
            self.relay().await;
        }
        self.clock = never() + 1;
        self.sweep_all().await;
        let now = self.now();
        assert_eq!(self.store.sweep(now).await.unwrap(), Swept::default());
        for user in USERS {
            let user = id(user);
            let export = self.store.export(now, &user).await.unwrap();
            assert!(export.items.is_empty() && export.outbox.is_empty(), "{export:?}");
            let page = self.store.list(now, &user, &Filter::archive()).await.unwrap();
            assert!(page.items.is_empty() && page.next.is_none() && page.unread == 0, "{page:?}");
        }
        let sent = self.store.sent(now, &SentFilter::default()).await.unwrap();
        assert!(sent.messages.is_empty(), "{sent:?}");
        assert!(self.store.follow(now, 0, 100).await.unwrap().is_empty());
        assert!(self.store.deliver(now, true).await.unwrap().is_none());
        let hour = Duration::from_secs(3600);
        let relayed = self.store.relay(now, Expiry { unread: hour, all: hour }, 10).await.unwrap();
        assert!(relayed.messages.is_empty() && relayed.refused == 0);
    }
}
