//! What senders do: send, again with a key, broadcast, by the outbox, retract.

use std::collections::BTreeSet;
use std::time::Duration;

use super::plain::{DAY, Said, never, whole_second};
use super::request::{Left, Request, Stay};
use super::sequence::{Sequence, id};
use crate::clock::to_millis;
use crate::store::{Expiry, NewMessage, OutboxRow, SentFilter};
use crate::{MessageId, Recipients, UserId};

impl Sequence<'_> {
    pub(super) async fn send(&mut self, user: &'static str) {
        let few = self.chance(70);
        let count = if few { self.rng.usize(1..=2) } else { self.rng.usize(1..=9) };
        let mut to = BTreeSet::from([user.to_owned()]);
        to.extend((1..count).map(|_| self.user().to_owned()));
        let request = self.request(Some(to));
        self.perform(request).await;
    }

    pub(super) async fn broadcast(&mut self) {
        let mut request = self.request(None);
        request.newcomers = self.chance(30);
        self.perform(request).await;
    }

    /// Repeats a request that had a key, sometimes with another content.
    pub(super) async fn send_again(&mut self) {
        let keyed: Vec<_> = self.requests.iter().rev().take(5).cloned().collect();
        let Some(mut request) = self.pick(&keyed) else { return };
        match self.rng.u8(0..6) {
            0 => request.text.push('!'),
            1 => request.sender = "other",
            // What the service is configured to do is no part of the request.
            2 if matches!(request.stay, Stay::Configured(..)) => {
                request.stay = Stay::Configured(40, 80);
            }
            _ => {}
        }
        self.perform(request).await;
    }

    fn request(&mut self, to: Option<BTreeSet<String>>) -> Request {
        let stay = match self.rng.u8(0..20) {
            0 => Stay::Always,
            1..=8 => Stay::For(self.rng.u64(1..120)),
            _ => Stay::Configured(self.rng.u64(1..120), self.rng.u64(1..400)),
        };
        let number = self.number;
        Request {
            text: format!("m{number} \u{1F4E8}"),
            level: self.pick(&[20, 21, 25]).unwrap_or(20),
            tag: self.pick(&["x", "y"]).unwrap_or("x"),
            stay,
            sender: self.pick(&["app", "key-1"]).unwrap_or("app"),
            key: self.chance(20).then(|| format!("k{number}")),
            to,
            newcomers: false,
        }
    }

    async fn perform(&mut self, request: Request) {
        self.note(|| format!("{request:?}"));
        let now = self.now();
        let to = request.to.as_ref().map(|to| {
            // Named in some order, and some of them twice.
            Recipients::new(to.iter().rev().chain(to.iter().take(1))).unwrap()
        });
        let key = request.key.as_deref();
        let (message, newcomers) = (request.message(), request.newcomers);
        let expiry = request.expiry();
        let message =
            NewMessage::prepare(now, message, request.sender, key, to.as_ref(), newcomers, expiry);
        let message = message.unwrap();
        let result = match &to {
            Some(to) => self.store.send(now, &message, to).await,
            None => self.store.broadcast(now, &message, newcomers).await,
        };
        match self.earlier(request.sender, key, &request.content()) {
            Some(Err(())) => {
                assert!(result.unwrap_err().is_conflict());
            }
            Some(Ok(first)) => {
                let sent = result.unwrap();
                assert!(sent.repeated);
                assert_eq!(sent.id.value(), first);
                let said = self.model.messages.get(&first);
                if let Some(said) = said.filter(|said| said.expires > self.clock) {
                    assert_eq!(sent.waiting, said.waiting.len() as u64);
                }
            }
            None => {
                let sent = result.unwrap();
                assert!(!sent.repeated);
                let said = request.said(self.clock);
                assert_eq!(sent.recipients, said.total);
                let waiting = self.record(sent.id, said, request.to.as_ref());
                assert_eq!(sent.waiting, waiting);
                self.remember(request.sender, key, request.content(), sent.id.value());
                if request.key.is_some() {
                    self.requests.push(request);
                }
            }
        }
    }

    /// The message that this key was used for within 24 hours; an error for another content.
    fn earlier(&self, sender: &str, key: Option<&str>, content: &str) -> Option<Result<i64, ()>> {
        let key = (sender.to_owned(), key?.to_owned());
        let (first, id, at) = self.model.keys.get(&key)?;
        let is_live = *at > self.clock - DAY;
        is_live.then_some(if first == content { Ok(*id) } else { Err(()) })
    }

    fn remember(&mut self, sender: &str, key: Option<&str>, content: String, id: i64) {
        if let Some(key) = key {
            let key = (sender.to_owned(), key.to_owned());
            self.model.keys.insert(key, (content, id, self.clock));
        }
    }

    /// Puts a sent message into the model and tells how many wait for it.
    fn record(&mut self, id: MessageId, said: Said, to: Option<&BTreeSet<String>>) -> u64 {
        let position = id.value();
        self.took(position);
        assert_eq!(position % 2 == 1, to.is_none(), "odd positions are broadcasts");
        self.model.messages.insert(position, said);
        let Some(to) = to else {
            self.model.broadcast(position);
            return 0;
        };
        if to.len() > self.part_size {
            let waiting = to.clone();
            self.model.messages.entry(position).and_modify(|said| said.waiting = waiting);
            return to.len() as u64;
        }
        for user in to {
            self.model.deliver(user, position, position);
        }
        self.model.log.push((position, position, Some(to.iter().cloned().collect())));
        0
    }

    pub(super) async fn leave(&mut self, user: &'static str) {
        for nth in 0..self.rng.usize(1..=3) {
            let to = if self.chance(20) { "*" } else { user };
            let mut row = OutboxRow::new(to, format!("o{} {nth}", self.number));
            let seconds = self.rng.i64(1..100);
            row.expires_at = self.chance(70).then_some(self.clock + seconds * 1000);
            row.key = self.chance(20).then(|| format!("o{}", self.number % 7));
            let is_bad = self.chance(25);
            if is_bad {
                self.spoil(&mut row);
            } else if self.chance(10) {
                // Refused unless the clock goes back before it is relayed.
                row.expires_at = Some(self.clock - 1000);
            }
            self.note(|| format!("leaves {row:?}"));
            self.harness.leave(row.clone()).await;
            self.outbox.push_back(Left { row, is_bad });
        }
    }

    fn spoil(&mut self, row: &mut OutboxRow) {
        match self.rng.u8(0..7) {
            0 => row.recipient = String::new(),
            1 => row.recipient = "x".repeat(192),
            2 => row.message.push('\u{7}'),
            3 => row.message = String::new(),
            4 => row.level = 1 << 40,
            5 => row.url = Some("javascript:alert(1)".to_owned()),
            _ => row.data = Some("{".to_owned()),
        }
    }

    pub(super) async fn relay(&mut self) {
        let limit = self.rng.usize(1..=4);
        self.note(|| format!("relays {limit}"));
        let hundred = Duration::from_secs(100);
        let expiry = Expiry { unread: hundred, all: hundred };
        let relayed = self.store.relay(self.now(), expiry, limit).await.unwrap();
        let (mut messages, mut refused, mut before) = (relayed.messages.iter(), 0, 0);
        for _ in 0..limit {
            let Some(left) = self.outbox.pop_front() else { break };
            let row = &left.row;
            let expires = row.expires_at.map_or(self.clock + 100_000, whole_second);
            let content = format!("{:?}", OutboxRow { key: None, ..row.clone() });
            let earlier = self.earlier("app", row.key.as_deref(), &content);
            if left.is_bad || expires <= self.clock || earlier == Some(Err(())) {
                refused += 1;
                self.refused.push(left);
                continue;
            }
            let message = messages.next().expect("a row was not relayed");
            assert!(message.outbox_id > before, "out of order");
            before = message.outbox_id;
            assert_eq!(message.message.text(), row.message);
            let user = (row.recipient != "*").then(|| row.recipient.clone());
            assert_eq!(message.user.as_ref().map(UserId::as_str), user.as_deref());
            assert_eq!(message.sent.repeated, earlier.is_some());
            if let Some(earlier) = earlier {
                assert_eq!(Ok(message.sent.id.value()), earlier);
                continue;
            }
            let request = Request {
                text: row.message.clone(),
                level: 20,
                tag: "",
                stay: Stay::Always,
                sender: "app",
                key: None,
                to: user.map(|user| BTreeSet::from([user])),
                newcomers: false,
            };
            let expires = whole_second(expires);
            let said = Said { until: expires, expires, ..request.said(self.clock) };
            self.record(message.sent.id, said, request.to.as_ref());
            self.remember("app", row.key.as_deref(), content, message.sent.id.value());
        }
        assert!(messages.next().is_none(), "relayed what was not in the outbox");
        assert_eq!(relayed.refused, refused);
        assert!(relayed.more || self.outbox.is_empty(), "more was left");
    }

    pub(super) async fn retract(&mut self) {
        let latest: Vec<i64> = self.model.messages.keys().rev().take(20).copied().collect();
        let Some(message) = self.pick(&latest) else { return };
        let sender = self.pick(&[None, None, Some("app")]).flatten();
        self.note(|| format!("retracts {message} of {sender:?}"));
        let retracted = self.store.retract(self.now(), MessageId::new(message), sender).await;
        assert_eq!(retracted.unwrap(), self.model.retract(message, self.clock, sender));
    }

    /// What senders see: the list of what was sent, and the log.
    pub(super) async fn senders_view(&mut self) {
        self.note(|| "sent and follow".to_owned());
        let (now, sender) = (self.now(), self.pick(&[None, Some("app")]).flatten());
        let filter =
            SentFilter { sender: sender.map(str::to_owned), limit: 100, ..SentFilter::default() };
        let page = self.store.sent(now, &filter).await.unwrap();
        let got = page.messages.iter().map(|m| {
            (m.id.value(), m.retracted_at.is_some(), m.expires_at.map_or(never(), to_millis))
        });
        let got: Vec<_> = got.collect();
        let kept = self.model.messages.iter().rev().filter(|(_, said)| {
            said.expires > self.clock && sender.is_none_or(|sender| sender == said.sender)
        });
        let want: Vec<_> = kept.map(|(id, said)| (*id, said.retracted, said.expires)).collect();
        assert_eq!(got, want);

        let after = self.pick(&[0, self.last - 10_000_000]).unwrap_or(0);
        let log = self.store.follow(now, after, 1000).await.unwrap();
        let got = log.into_iter().filter(|entry| entry.users != Some(Vec::new()));
        let got = got.map(|mut entry| {
            entry.users.iter_mut().for_each(|users| users.sort());
            (entry.position, entry.id.value(), entry.users)
        });
        let got: Vec<_> = got.collect();
        let live = self.model.log.iter().filter(|(position, message, users)| {
            let said = self.model.messages.get(message);
            let is_live = said.is_some_and(|said| !said.retracted && said.expires > self.clock);
            is_live && *position > after && users.as_ref().is_none_or(|users| !users.is_empty())
        });
        let want: Vec<_> = live
            .map(|(position, message, users)| {
                let users = users.as_ref().map(|users| users.iter().map(|u| id(u)).collect());
                (*position, *message, users)
            })
            .collect::<Vec<(i64, i64, Option<Vec<UserId>>)>>();
        assert_eq!(got, want);
    }
}
