//! The model: what a store does, said as plainly as it can be, without watermarks, marks, parts or
//! rows. It remembers of every item of every user what became of it. Times are milliseconds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) const DAY: i64 = 86_400_000;

/// What a mark-all takes along: the items that the user had, each with its serial number.
pub(super) type Token = Vec<(i64, u64)>;

#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) level: i32,
    pub(super) tag: String,
    pub(super) sender: String,
    pub(super) sent_at: i64,
    pub(super) until: i64,
    pub(super) expires: i64,
    pub(super) everyone: bool,
    pub(super) newcomers: bool,
    pub(super) total: u64,
    pub(super) retracted: bool,
    pub(super) waiting: BTreeSet<String>,
    /// Deliveries to, and reads by, users forgotten since.
    pub(super) gone: (u64, u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Status {
    Fresh,
    Read(i64),
    /// A mark-all went over it when it had left the inbox: neither unread nor dated.
    Passed,
    /// Marked unread again, with a number that no other has.
    Kept(u64),
}

#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) message: i64,
    pub(super) status: Status,
    pub(super) dismissed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) joined: Option<i64>,
    pub(super) held: BTreeMap<i64, Held>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) messages: BTreeMap<i64, Said>,
    pub(super) people: BTreeMap<String, Person>,
    /// By sender and key: the content, the message and the time.
    pub(super) keys: HashMap<(String, String), (String, i64, i64)>,
    /// Position, message and users of everything delivered.
    pub(super) log: Vec<(i64, i64, Option<Vec<String>>)>,
    serial: u64,
}

impl Model {
    pub(super) fn deliver(&mut self, user: &str, position: i64, message: i64) {
        let held = Held { message, status: Status::Fresh, dismissed: false };
        let person = self.people.entry(user.to_owned()).or_default();
        assert!(person.held.insert(position, held).is_none(), "{position} was given out twice");
    }

    pub(super) fn broadcast(&mut self, id: i64) {
        let users: Vec<_> = self.people.keys().cloned().collect();
        for user in users {
            self.deliver(&user, id, id);
        }
        self.log.push((id, id, None));
    }

    fn is_eligible(person: &Person, said: &Said) -> bool {
        let in_time = person.joined.is_none_or(|joined| said.sent_at >= joined);
        !said.everyone || said.newcomers || in_time
    }

    /// What the user has, dismissed items included, newest first.
    fn all(&self, user: &str, now: i64) -> impl Iterator<Item = (i64, &Held, &Said)> {
        let person = &self.people[user];
        let all = person.held.iter().rev();
        all.filter_map(|(at, held)| Some((*at, held, self.messages.get(&held.message)?))).filter(
            move |(_, _, said)| {
                !said.retracted && said.expires > now && Self::is_eligible(person, said)
            },
        )
    }

    /// What the user may see, newest first.
    pub(super) fn archive(&self, user: &str, now: i64) -> Vec<(i64, &Held, &Said)> {
        self.all(user, now).filter(|(_, held, _)| !held.dismissed).collect()
    }

    /// The dismissed items with their read times.
    pub(super) fn dismissed(&self, user: &str, now: i64) -> BTreeMap<i64, Option<i64>> {
        let dismissed = self.all(user, now).filter(|(_, held, _)| held.dismissed);
        let read_at =
            |held: &Held| if let Status::Read(at) = held.status { Some(at) } else { None };
        dismissed.map(|(position, held, _)| (position, read_at(held))).collect()
    }

    pub(super) fn is_unread(held: &Held, said: &Said, now: i64) -> bool {
        match held.status {
            Status::Fresh => said.until > now,
            Status::Kept(_) => true,
            Status::Read(_) | Status::Passed => false,
        }
    }

    pub(super) fn unread(&self, user: &str, now: i64) -> u64 {
        let all = self.archive(user, now);
        all.iter().filter(|(_, held, said)| Self::is_unread(held, said, now)).count() as u64
    }

    /// Changes the status of an item that the user sees, if `change` has another one for it.
    fn change(
        &mut self,
        user: &str,
        position: i64,
        now: i64,
        change: impl FnOnce(Status, bool) -> Option<Status>,
    ) -> bool {
        let found = self.archive(user, now).into_iter().find(|(at, ..)| *at == position);
        let new =
            found.and_then(|(_, held, said)| change(held.status, Self::is_unread(held, said, now)));
        if let (Some(status), Some(person)) = (new, self.people.get_mut(user)) {
            person.held.entry(position).and_modify(|held| held.status = status);
        }
        new.is_some()
    }

    pub(super) fn mark_read(&mut self, user: &str, position: i64, now: i64) -> bool {
        self.change(user, position, now, |status, _| {
            (!matches!(status, Status::Read(_))).then_some(Status::Read(now))
        })
    }

    pub(super) fn mark_unread(&mut self, user: &str, position: i64, now: i64) -> bool {
        self.serial += 1;
        let kept = Status::Kept(self.serial);
        self.change(user, position, now, |_, is_unread| (!is_unread).then_some(kept))
    }

    pub(super) fn dismiss(&mut self, user: &str, position: i64, now: i64) -> bool {
        if !self.change(user, position, now, |status, _| Some(status)) {
            return false;
        }
        let person = self.people.entry(user.to_owned()).or_default();
        person.held.entry(position).and_modify(|held| held.dismissed = true);
        true
    }

    /// What a page made now has as its `as_of`.
    pub(super) fn token(&self, user: &str) -> Token {
        let serial = |held: &Held| if let Status::Kept(serial) = held.status { serial } else { 0 };
        self.people[user].held.iter().map(|(at, held)| (*at, serial(held))).collect()
    }

    /// Tells whether anything that can be seen changed.
    pub(super) fn mark_all(&mut self, user: &str, token: &Token, now: i64) -> bool {
        let seen: BTreeSet<_> = self.archive(user, now).iter().map(|(at, ..)| *at).collect();
        let Some(person) = self.people.get_mut(user) else { return false };
        let mut changed = false;
        for (position, serial) in token {
            let Some(held) = person.held.get_mut(position) else { continue };
            let Some(said) = self.messages.get(&held.message) else { continue };
            held.status = match held.status {
                _ if held.dismissed => continue,
                Status::Fresh if said.until > now => Status::Read(now),
                Status::Fresh => Status::Passed,
                Status::Kept(kept) if kept == *serial => Status::Read(now),
                _ => continue,
            };
            changed |= held.status != Status::Passed && seen.contains(position);
        }
        changed
    }

    pub(super) fn retract(&mut self, id: i64, now: i64, sender: Option<&str>) -> bool {
        let Some(said) = self.messages.get_mut(&id) else { return false };
        if said.retracted || said.expires <= now || sender.is_some_and(|by| by != said.sender) {
            return false;
        }
        said.retracted = true;
        said.expires = said.expires.min(now + 30 * DAY);
        said.waiting.clear();
        for person in self.people.values_mut() {
            person.held.retain(|_, held| held.message != id);
        }
        true
    }

    /// Recipients, delivered and read.
    pub(super) fn receipts(&self, id: i64, now: i64) -> Option<(Option<u64>, Option<u64>, u64)> {
        let said = self.messages.get(&id).filter(|said| said.expires > now)?;
        let (mut delivered, mut read) = if said.retracted { (0, 0) } else { said.gone };
        for person in self.people.values().filter(|person| Self::is_eligible(person, said)) {
            for held in person.held.values().filter(|held| held.message == id) {
                delivered += 1;
                read += u64::from(matches!(held.status, Status::Read(_)));
            }
        }
        let in_lists = |figure| (!said.everyone).then_some(figure);
        Some((in_lists(said.total), in_lists(delivered), read))
    }

    pub(super) fn forget(&mut self, user: &str, now: i64) {
        let person = self.people.insert(user.to_owned(), Person::default()).unwrap_or_default();
        for held in person.held.values() {
            let Some(said) = self.messages.get_mut(&held.message) else { continue };
            if Self::is_eligible(&person, said) {
                said.gone.0 += 1;
                said.gone.1 += u64::from(matches!(held.status, Status::Read(_)));
            }
        }
        for said in self.messages.values_mut() {
            said.total -= u64::from(said.waiting.remove(user));
        }
        for (_, _, users) in &mut self.log {
            if let Some(users) = users {
                users.retain(|other| other != user);
            }
        }
        let live = self.messages.iter().filter(|(_, said)| !said.retracted && said.expires > now);
        let live: Vec<_> = live.filter(|(_, said)| said.everyone).map(|(id, _)| *id).collect();
        for id in live {
            self.deliver(user, id, id);
        }
    }

    /// What has expired is gone for good, wherever the clock jumps from here.
    pub(super) fn purge(&mut self, now: i64) {
        self.messages.retain(|_, said| said.expires > now);
        self.keys.retain(|_, (_, _, at)| *at > now - DAY);
        for person in self.people.values_mut() {
            person.held.retain(|_, held| self.messages.contains_key(&held.message));
        }
    }
}

/// Expiry times are whole seconds, rounded up, and end with the year 9999.
pub(super) fn whole_second(millis: i64) -> i64 {
    (millis.saturating_add(999) / 1000 * 1000).min(never())
}

pub(super) fn never() -> i64 {
    crate::clock::to_millis(crate::store::NewMessage::never())
}
