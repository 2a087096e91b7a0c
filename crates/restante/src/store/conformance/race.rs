//! The race that a watermark can lose: a message becomes visible below a position that somebody has
//! already marked. To be run on several threads.
//!
//! `RESTANTE_RACE_SECONDS` says for how long, 10 unless told otherwise.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use super::scene::id;
use super::{Harness, from_environment};
use crate::store::{Expiry, NewMessage};
use crate::testing::FixedClock;
use crate::{Clock, Filter, Message, Recipients, Store, UserId};

const SENDERS: usize = 8;
/// Most messages that wait to be shown, so that pages stay small and the race close.
const UNSEEN: usize = 64;
/// The reader becomes another user after so many messages, so that no inbox grows long.
const EACH_READER_GETS: usize = 200;

/// What senders and reader share.
struct Desk {
    reader: AtomicUsize,
    is_over: AtomicBool,
    unseen: Semaphore,
    sent: Notify,
}

impl Desk {
    fn reader(&self) -> UserId {
        id(&format!("reader-{}", self.reader.load(Ordering::Relaxed)))
    }
}

/// Eight senders on several handles, and a reader who takes pages and marks all that they showed:
/// nothing is read that no page has shown.
pub async fn marks_nothing_that_was_not_shown(harness: &dyn Harness) {
    let seconds = from_environment("RESTANTE_RACE_SECONDS").unwrap_or(10.0);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let store = harness.store(2_000).await;
    let desk = Arc::new(Desk {
        reader: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
        unseen: Semaphore::new(UNSEEN),
        sent: Notify::new(),
    });
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let store = harness.second_handle().await;
        senders.spawn(keep_sending(store, Arc::clone(&desk), sender));
    }
    let (mut marks, mut readers) = (0_u64, Vec::new());
    while Instant::now() < end {
        let user = desk.reader();
        let mut shown = HashSet::new();
        while shown.len() < EACH_READER_GETS && Instant::now() < end {
            marks += u64::from(show_and_mark(store.as_ref(), &user, &desk, &mut shown).await);
        }
        readers.push((user, shown));
        desk.reader.fetch_add(1, Ordering::Relaxed);
        // What is on its way to the one before will never be shown.
        desk.unseen.add_permits(UNSEEN.saturating_sub(desk.unseen.available_permits()));
    }
    desk.is_over.store(true, Ordering::Relaxed);
    desk.unseen.add_permits(UNSEEN);
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
    let (mut messages, mut hidden) = (0, 0);
    for (user, shown) in readers {
        messages += shown.len();
        hidden += count_hidden(store.as_ref(), &user, &shown).await;
    }
    eprintln!("{}: {marks} marks, {messages} messages, {hidden} hidden", store.name());
    assert!(marks > 10 && messages > 10, "too little happened to show anything");
    assert_eq!(hidden, 0, "messages were marked read that no page had shown");
}

async fn keep_sending(store: Arc<dyn Store>, desk: Arc<Desk>, sender: usize) {
    let now = FixedClock::default().now();
    let mut number = 0_u64;
    while !desk.is_over.load(Ordering::Relaxed) {
        if let Ok(permit) = desk.unseen.acquire().await {
            permit.forget();
        }
        number += 1;
        let message = Message::info(format!("{sender} {number}"));
        let to = Recipients::from(desk.reader());
        let expiry = Expiry::default();
        let message =
            NewMessage::prepare(now, message, "app", None, Some(&to), false, expiry).unwrap();
        store.send(now, &message, &to).await.unwrap();
        desk.sent.notify_one();
    }
}

/// Takes the pages of the inbox and marks all that was there when the first one was made.
async fn show_and_mark(
    store: &dyn Store,
    user: &UserId,
    desk: &Desk,
    shown: &mut HashSet<i64>,
) -> bool {
    let now = FixedClock::default().now();
    let mut filter = Filter::unread().limit(100);
    let before = shown.len();
    let as_of = loop {
        let page = store.list(now, user, &filter).await.unwrap();
        shown.extend(page.items.iter().map(|item| item.id.value()));
        filter.after = page.next;
        if page.next.is_none() {
            break page.as_of;
        }
    };
    let moved = store.mark_all_read(now, user, &as_of).await.unwrap();
    desk.unseen.add_permits(shown.len() - before);
    if shown.len() == before {
        // Asking again at once would keep senders from a store with one lock.
        desk.sent.notified().await;
    }
    moved
}

/// How many of the user's items are read although no page showed them.
async fn count_hidden(store: &dyn Store, user: &UserId, shown: &HashSet<i64>) -> u64 {
    let now = FixedClock::default().now();
    let mut filter = Filter::archive().limit(100);
    let mut hidden = 0;
    loop {
        let page = store.list(now, user, &filter).await.unwrap();
        let unseen = page.items.iter().filter(|i| !i.unread && !shown.contains(&i.id.value()));
        hidden += unseen.count() as u64;
        filter.after = page.next;
        if page.next.is_none() {
            return hidden;
        }
    }
}
