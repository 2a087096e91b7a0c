//! Reading live streams, and what holds for them on every store.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use restante::{EventStream, Filter, Message, Restante, To};
use serde_json::Value;

/// What one event said.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// The reader of a stream: joins its chunks and takes them apart.
pub(crate) struct Reader<S> {
    stream: S,
    text: String,
    told: VecDeque<Told>,
    /// The last id, with which another stream goes on.
    pub(crate) last_id: Option<String>,
}

impl Reader<EventStream> {
    /// A stream of a user's inbox, after this id.
    pub(crate) fn open(restante: &Restante, user: &str, after: Option<&str>) -> Self {
        let after = after.map(|id| id.parse().unwrap());
        Self::new(restante.inbox(user).unwrap().event_stream(after).unwrap())
    }
}

impl<S: Stream<Item = Vec<u8>> + Unpin> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, text: String::new(), told: VecDeque::new(), last_id: None }
    }

    /// The next event; nothing at the stream's end. It comes before a heartbeat would wake the
    /// stream by chance.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        tokio::time::timeout(Duration::from_secs(8), self.read()).await.unwrap()
    }

    /// The same, however long it takes.
    pub(crate) async fn read(&mut self) -> Option<Told> {
        {
            loop {
                if let Some(told) = self.told.pop_front() {
                    self.last_id = told.id.clone().or(self.last_id.take());
                    return Some(told);
                }
                let chunk = self.stream.next().await?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
                while let Some(end) = self.text.find("\n\n") {
                    let event: String = self.text.drain(..end + 2).collect();
                    self.told.extend(parse(&event));
                }
            }
        }
    }

    /// The next event of this name; others may come before it.
    pub(crate) async fn next_of(&mut self, name: &str) -> Value {
        loop {
            let told = self.next().await.unwrap();
            if told.name == name {
                return told.data;
            }
        }
    }

    /// What came until the count was told.
    pub(crate) async fn until_count(&mut self) -> Vec<Told> {
        let mut all = Vec::new();
        loop {
            let told = self.next().await.unwrap();
            let is_count = told.name == "count";
            all.push(told);
            if is_count {
                return all;
            }
        }
    }
}

/// An event of its lines; comments and times to come back are none.
fn parse(text: &str) -> Option<Told> {
    let field = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().map(|value| value.trim_start().to_owned())
    };
    let (name, data) = (field("event:")?, field("data:")?);
    Some(Told { name, id: field("id:"), data: serde_json::from_str(&data).unwrap() })
}

/// Several write, through two processes' services, and a reader is broken off again and again and
/// goes on at the other one: it is told everything once, in order.
pub(crate) async fn nothing_is_lost_or_told_twice(here: &Restante, there: &Restante) {
    let unrelated = here.send(Message::info("earlier"), "alice").await.unwrap();
    let mut reader = Reader::open(here, "alice", None);
    let count = reader.next_of("count").await;
    assert_eq!(count["unread"], 1, "{unrelated:?}");

    let writing = tokio::spawn({
        let (here, there) = (here.clone(), there.clone());
        async move {
            for n in 0..120 {
                let service = if n % 3 == 0 { &there } else { &here };
                let to = if n % 10 == 9 { To::everyone() } else { To::from(["alice", "bob"]) };
                service.send(Message::info(n.to_string()), to).await.unwrap();
                if n % 40 < 20 {
                    // Else they come together, as in a long absence.
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            }
        }
    });
    let (mut texts, mut breaks) = (Vec::new(), 0);
    while texts.len() < 120 {
        let told = reader.next().await.unwrap();
        if told.name == "message" {
            texts.push(told.data["message"].as_str().unwrap().to_owned());
        }
        if fastrand::u8(..4) == 0 {
            breaks += 1;
            let service = if breaks % 2 == 0 { here } else { there };
            let last = reader.last_id.clone();
            drop(reader);
            reader = Reader::open(service, "alice", last.as_deref());
        }
    }
    writing.await.unwrap();
    let mut page = here.inbox("alice").unwrap().list(Filter::archive().limit(100)).await.unwrap();
    let next = Filter::archive().limit(100).after(page.next.unwrap());
    page.items.extend(here.inbox("alice").unwrap().list(next).await.unwrap().items);
    let stored = page.items.iter().rev().skip(1);
    let stored: Vec<_> = stored.map(|item| item.message.text().to_owned()).collect();
    assert_eq!(texts, stored, "after {breaks} breaks");
    assert!(breaks > 5);

    // And nothing comes after it but counts.
    let marker = here.send(Message::info("marker"), "alice").await.unwrap();
    let next = reader.next_of("message").await;
    assert_eq!(next["message"], "marker", "{marker:?}");
}

/// What one process's service marks, the stream of another one tells.
pub(crate) async fn marks_are_told(here: &Restante, there: &Restante) {
    let inbox = here.inbox("carol").unwrap();
    // She is shown broadcasts of before.
    inbox.mark_all_read(&inbox.count().await.unwrap().as_of).await.unwrap();
    for text in ["one", "two", "three"] {
        here.send(Message::info(text), "carol").await.unwrap();
    }
    let mut reader = Reader::open(there, "carol", None);
    assert_eq!(reader.next_of("count").await["unread"], 3);
    let ids: Vec<_> =
        inbox.list(Filter::unread()).await.unwrap().items.iter().map(|item| item.id).collect();
    inbox.mark_read(ids[0]).await.unwrap();
    assert_eq!(reader.next_of("count").await["unread"], 2);
    inbox.dismiss(ids[1]).await.unwrap();
    assert_eq!(reader.next_of("count").await["unread"], 1);
    inbox.mark_all_read(&inbox.count().await.unwrap().as_of).await.unwrap();
    assert_eq!(reader.next_of("count").await["unread"], 0);
    inbox.mark_unread(ids[0]).await.unwrap();
    assert_eq!(reader.next_of("count").await["unread"], 1);
    let sent = here.send(Message::info("a mistake"), "carol").await.unwrap();
    assert_eq!(reader.next_of("message").await["message"], "a mistake");
    assert_eq!(reader.next_of("count").await["unread"], 2);
    here.retract(sent.id).await.unwrap();
    assert_eq!(reader.next_of("count").await["unread"], 1);
}
