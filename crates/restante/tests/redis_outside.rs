//! What other programs and other processes do to a server or cluster while a store uses it.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod live;
mod together;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use restante::testing::FixedClock;
use restante::{Event, EventKind, Events, Filter, Message, RedisOptions, Restante, To};
use restante_testkit::redis::{RedisServer, or_skipped};
use restante_testkit::redis_cluster::RedisCluster;

static PREFIXES: AtomicUsize = AtomicUsize::new(0);

/// A prefix of its own on a server or cluster.
#[derive(Clone)]
struct Place {
    url: String,
    prefix: String,
}

impl Place {
    fn new(url: String) -> Self {
        let prefix = format!("outside{}", PREFIXES.fetch_add(1, Ordering::Relaxed));
        Self { url, prefix }
    }

    async fn service(&self) -> Restante {
        let options = RedisOptions::new().prefix(&self.prefix);
        Restante::new(options.connect(&self.url).await.unwrap())
    }

    /// A service that listens, and is known to: what was told before is missed.
    async fn listening(&self) -> (Restante, Events) {
        let restante = self.service().await;
        let mut events = restante.subscribe();
        // Whatever is called first starts the task that listens.
        restante.inbox("nobody").unwrap().count().await.unwrap();
        next(&mut events, EventKind::Unknown).await;
        (restante, events)
    }
}

/// The next event of a kind; others may come before it.
async fn next(events: &mut Events, kind: EventKind) -> Event {
    let found = async {
        loop {
            let event = events.recv().await.unwrap();
            if event.kind == kind {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.unwrap()
}

async fn one_hears_the_other(place: &Place) {
    let one = place.service().await;
    let (two, mut all) = place.listening().await;
    let mut alices = two.inbox("alice").unwrap().subscribe();

    let sent = one.send(Message::info("Ahoy"), ["alice", "bob"]).await.unwrap();
    let event = next(&mut alices, EventKind::Stored).await;
    assert_eq!(event.message.unwrap().text(), "Ahoy");
    assert_eq!(event.message_id, Some(sent.id));
    let (first, second) =
        (next(&mut all, EventKind::Stored).await, next(&mut all, EventKind::Stored).await);
    let mut names = [first.user.unwrap(), second.user.unwrap()];
    names.sort_unstable();
    assert_eq!(names.map(|user| user.as_str().to_owned()), ["alice", "bob"]);

    let inbox = one.inbox("alice").unwrap();
    let item = inbox.list(Filter::unread()).await.unwrap().items[0].id;
    inbox.mark_read(item).await.unwrap();
    assert_eq!(next(&mut alices, EventKind::Read).await.id, Some(item));
    inbox.mark_unread(item).await.unwrap();
    assert_eq!(next(&mut alices, EventKind::Unread).await.id, Some(item));
    inbox.mark_all_read(&inbox.count().await.unwrap().as_of).await.unwrap();
    next(&mut alices, EventKind::AllRead).await;
    inbox.dismiss(item).await.unwrap();
    assert_eq!(next(&mut alices, EventKind::Dismissed).await.id, Some(item));
    let sent = one.send(Message::info("To all"), To::everyone()).await.unwrap();
    assert_eq!(next(&mut all, EventKind::Broadcast).await.message_id, Some(sent.id));
    one.retract(sent.id).await.unwrap();
    assert_eq!(next(&mut all, EventKind::Retracted).await.message_id, Some(sent.id));

    // A long list is told part by part, with its users.
    let many: Vec<String> = (0..4_500).map(|n| format!("user-{n}")).collect();
    let mut last = two.inbox("user-999").unwrap().subscribe();
    one.send(Message::info("to many"), &many).await.unwrap();
    assert_eq!(next(&mut last, EventKind::Stored).await.message.unwrap().text(), "to many");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_the_other_hears() {
    let Some(server) = RedisServer::shared() else { return };
    one_hears_the_other(&Place::new(server.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_to_a_cluster_the_other_hears() {
    let Some(cluster) = RedisCluster::shared() else { return };
    one_hears_the_other(&Place::new(cluster.url())).await;
}

/// What is done in one's own process is told once.
async fn hears_no_echo(place: &Place) {
    let (restante, mut events) = place.listening().await;
    for text in ["one", "two"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    // Another process's hint comes after what was told before it.
    place.service().await.send(Message::info("other"), "alice").await.unwrap();
    let mut texts = Vec::new();
    while texts.last().is_none_or(|text| text != "other") {
        let event = next(&mut events, EventKind::Stored).await;
        texts.push(event.message.unwrap().text().to_owned());
    }
    assert_eq!(texts, ["one", "two", "other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_an_echo() {
    let Some(server) = RedisServer::shared() else { return };
    hears_no_echo(&Place::new(server.url())).await;
    let Some(cluster) = RedisCluster::shared() else { return };
    hears_no_echo(&Place::new(cluster.url())).await;
}

/// Cut off, listeners are told that something was missed, and hear again.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_cut_is_made_again() {
    // One of its own: every listener of this server is cut off.
    let Some(server) = or_skipped(RedisServer::start_fast()) else { return };
    let place = Place::new(server.url());
    let one = place.service().await;
    let (_two, mut events) = place.listening().await;
    for n in 0..3 {
        server.cli(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
        next(&mut events, EventKind::Unknown).await;
        one.send(Message::info(format!("{n}")), "alice").await.unwrap();
        let heard = next(&mut events, EventKind::Stored).await;
        assert_eq!(heard.message.unwrap().text(), n.to_string());
    }
}

/// Any program leaves messages with RPUSH, whatever it writes.
#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_open_to_every_program() {
    let Some(server) = RedisServer::shared() else { return };
    let place = Place::new(server.url());
    let (restante, mut events) = place.listening().await;
    let outbox = format!("{}_outbox", place.prefix);
    let push = |row: &str| server.cli(&["RPUSH", &outbox, row]).unwrap();
    push("nonsense");
    push("[1]");
    push(r#"{"recipient": ["a"], "message": "bad"}"#);
    push(r#"{"recipient": "alice", "message": "two", "level": "high"}"#);
    let began = Instant::now();
    push(
        r#"{"recipient": 7, "message": "Ahoy", "level": 41, "tags": "a b", "url": "/x",
            "data": {"n": [1]}}"#,
    );
    let event = next(&mut events, EventKind::Stored).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(event.user.unwrap().as_str(), "7");
    let page = restante.inbox("7").unwrap().list(Filter::unread()).await.unwrap();
    let message = &page.items[0].message;
    assert_eq!((message.text(), message.extra_tags()), ("Ahoy", "a b"));
    assert_eq!(message.raw_data().unwrap().get(), r#"{"n":[1]}"#);
    let load = restante.store().load().await.unwrap();
    assert_eq!((load.outbox_waiting, load.outbox_refused), (0, 4));
    let export = restante.store().export(std::time::SystemTime::now(), &alice()).await.unwrap();
    assert_eq!(export.outbox, ["two"]);
}

/// Nothing tells of a row: the list is looked at often enough.
async fn rows_are_seen_soon(place: &Place, push: impl Fn(&[&str])) {
    let (_restante, mut events) = place.listening().await;
    let outbox = format!("{}_outbox", place.prefix);
    let mut took = Vec::new();
    for n in 0..21 {
        // At any time between two looks, not always just after one.
        tokio::time::sleep(Duration::from_millis(5 * n)).await;
        let row = format!(r#"{{"recipient": "a", "message": "{n}"}}"#);
        tokio::task::block_in_place(|| push(&["RPUSH", &outbox, &row]));
        let began = Instant::now();
        let event = next(&mut events, EventKind::Stored).await;
        assert_eq!(event.message.unwrap().text(), n.to_string());
        took.push(began.elapsed());
    }
    took.sort_unstable();
    eprintln!("relayed after {:?} at the median, {:?} at most", took[10], took[20]);
    assert!(took[10] < Duration::from_millis(100), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_relayed_within_a_tenth_of_a_second_at_the_median() {
    let Some(server) = RedisServer::shared() else { return };
    let push = |push: &[&str]| drop(server.cli(push).unwrap());
    rows_are_seen_soon(&Place::new(server.url()), push).await;
    let Some(cluster) = RedisCluster::shared() else { return };
    // To whichever node has it.
    let push = |push: &[&str]| drop(cluster.nodes()[0].cli(&[&["-c"], push].concat()).unwrap());
    rows_are_seen_soon(&Place::new(cluster.url()), push).await;
}

fn alice() -> restante::UserId {
    restante::UserId::new("alice").unwrap()
}

/// What a process remembers of a page is not what the next one lacks.
#[tokio::test]
async fn what_is_remembered_is_where_it_was() {
    let Some(server) = RedisServer::shared() else { return };
    let clock = FixedClock::default();
    let service = Place::new(server.url()).service().await;
    let restante = service.without_background().with_clock(clock.clone());
    for text in ["one", "two", "three"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    // What has just come is not remembered.
    clock.advance(Duration::from_secs(60));
    let inbox = restante.inbox("alice").unwrap();
    assert_eq!(inbox.list(Filter::unread().limit(1)).await.unwrap().items.len(), 1);
    restante.send(Message::info("four"), "alice").await.unwrap();
    for _ in 0..2 {
        let page = inbox.list(Filter::unread()).await.unwrap();
        let texts: Vec<_> = page.items.iter().map(|item| item.message.text()).collect();
        assert_eq!(texts, ["four", "three", "two", "one"]);
    }
}

/// What callers ask for at once goes to the server together. Half of them are guessed wrong.
#[tokio::test(flavor = "multi_thread")]
async fn who_ask_together_get_their_own() {
    let Some(server) = RedisServer::shared() else { return };
    let restante = Place::new(server.url()).service().await.without_background();
    for number in 0..50 {
        let inbox = restante.inbox(format!("user-{number}")).unwrap();
        restante.send(Message::info("read"), format!("user-{number}")).await.unwrap();
        let count = inbox.count().await.unwrap();
        inbox.mark_all_read(&count.as_of).await.unwrap();
    }
    together::all_get_their_own(&restante).await;
}

/// Two stores on one server see nothing of each other; no id of a user leads out of its store.
#[tokio::test]
async fn prefixes_and_odd_users_are_apart() {
    let Some(server) = RedisServer::shared() else { return };
    let (one, two) = (Place::new(server.url()), Place::new(server.url()));
    let (one, two) = (one.service().await, two.service().await);
    let odd = ["}{", "{a}", "a}x", "n:a", "%s", "a|b", "a\u{a0}b"];
    for user in odd {
        one.send(Message::info(user), user).await.unwrap();
    }
    for user in odd {
        let page = one.inbox(user).unwrap().list(Filter::unread()).await.unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].message.text(), user);
        assert_eq!(two.inbox(user).unwrap().count().await.unwrap().unread, 0);
    }
    for prefix in ["", "a{b", "a}b", "a\nb"] {
        let error = RedisOptions::new().prefix(prefix).connect(&server.url()).await.unwrap_err();
        assert_eq!(error.field(), Some("prefix"));
    }
}

async fn a_stream_goes_on(place: &Place) {
    let (here, there) = (place.service().await, place.service().await);
    live::nothing_is_lost_or_told_twice(&here, &there).await;
    live::marks_are_told(&here, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_goes_on_in_another_process() {
    let Some(server) = RedisServer::shared() else { return };
    a_stream_goes_on(&Place::new(server.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_of_a_cluster_goes_on_in_another_process() {
    let Some(cluster) = RedisCluster::shared() else { return };
    a_stream_goes_on(&Place::new(cluster.url())).await;
}
