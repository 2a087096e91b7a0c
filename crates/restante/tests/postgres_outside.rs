//! What other programs and other processes do to a database while a store has it open.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod live;
mod together;

use std::time::{Duration, Instant};

use restante::outbox::send_in;
use restante::testing::FixedClock;
use restante::{
    Event, EventKind, Events, Filter, Message, PostgresOptions, PostgresStore, Restante, To,
};
use restante_testkit::postgres::PostgresServer;
use tokio_postgres::{Client, NoTls};

async fn schema(server: &'static PostgresServer) -> String {
    tokio::task::spawn_blocking(|| server.schema()).await.unwrap().unwrap()
}

async fn service(url: &str) -> Restante {
    Restante::new(PostgresStore::connect(url).await.unwrap())
}

/// The app's own connection, which knows nothing of the store.
async fn app(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
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
    tokio::time::timeout(Duration::from_secs(10), found).await.unwrap()
}

/// A service that listens, and is known to: what was told before is missed.
async fn listening(url: &str) -> (Restante, Events) {
    let restante = service(url).await;
    let mut events = restante.subscribe();
    restante.store();
    next(&mut events, EventKind::Unknown).await;
    (restante, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_if_and_only_if_the_transaction_commits() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let (restante, mut events) = listening(&url).await;
    let mut client = app(&url).await;
    client.batch_execute("CREATE TABLE orders(id int)").await.unwrap();

    let mut tx = client.transaction().await.unwrap();
    tx.execute("INSERT INTO orders VALUES (1)", &[]).await.unwrap();
    send_in(&mut tx, Message::info("never").stored(), "alice").await.unwrap();
    tx.rollback().await.unwrap();

    let mut tx = client.transaction().await.unwrap();
    tx.execute("INSERT INTO orders VALUES (2)", &[]).await.unwrap();
    let paid = Message::success("Paid").stored().tag("order").url("/orders/2").data(2);
    send_in(&mut tx, paid, "alice").await.unwrap();
    send_in(&mut tx, Message::info("to both"), ["alice", "bob"]).await.unwrap();
    send_in(&mut tx, Message::info("to all"), To::everyone()).await.unwrap();
    let refused = send_in(&mut tx, Message::info(""), "alice").await.unwrap_err();
    assert_eq!(refused.field(), Some("message"));
    assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 0);
    tx.commit().await.unwrap();

    while next(&mut events, EventKind::Broadcast).await.message.unwrap().text() != "to all" {}
    let alice = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    let texts: Vec<_> = alice.items.iter().map(|item| item.message.text()).collect();
    assert_eq!(texts, ["to all", "to both", "Paid"]);
    assert_eq!(alice.items[2].message.link(), Some("/orders/2"));
    assert_eq!(alice.items[2].message.extra_tags(), "order");
    assert_eq!(restante.inbox("bob").unwrap().count().await.unwrap().unread, 2);
}

/// By NOTIFY a row is there sooner than the next look would find it.
#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_relayed_within_a_tenth_of_a_second_at_the_median() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let (_restante, mut events) = listening(&url).await;
    let client = app(&url).await;
    let mut took = Vec::new();
    for n in 0..21 {
        let text = n.to_string();
        let began = Instant::now();
        client
            .execute("INSERT INTO restante_outbox(recipient, message) VALUES ('a', $1)", &[&text])
            .await
            .unwrap();
        let event = next(&mut events, EventKind::Stored).await;
        assert_eq!(event.message.unwrap().text(), text);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    eprintln!("relayed after {:?} at the median, {:?} at most", took[10], took[20]);
    assert!(took[10] < Duration::from_millis(100), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_the_other_hears() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let one = service(&url).await;
    let (two, mut all) = listening(&url).await;
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
    let page = inbox.list(Filter::unread()).await.unwrap();
    let item = page.items[0].id;
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
    let mut last = two.inbox("user-4499").unwrap().subscribe();
    one.send(Message::info("to many"), &many).await.unwrap();
    assert_eq!(next(&mut last, EventKind::Stored).await.message.unwrap().text(), "to many");
}

/// What is done in one's own process is told once.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_an_echo() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let (restante, mut events) = listening(&url).await;
    for text in ["one", "two"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    // Another process's hint comes after what was told before it.
    service(&url).await.send(Message::info("other"), "alice").await.unwrap();
    let mut texts = Vec::new();
    while texts.last().is_none_or(|text| text != "other") {
        let event = next(&mut events, EventKind::Stored).await;
        texts.push(event.message.unwrap().text().to_owned());
    }
    assert_eq!(texts, ["one", "two", "other"]);
}

#[tokio::test]
async fn a_store_without_its_server_says_so_and_never_shows_the_password() {
    let url = "postgres://me:s3cret@127.0.0.1:1/app?connect_timeout=1";
    let error = PostgresStore::connect(url).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let store = PostgresOptions::new().connect_lazily(url).unwrap();
    let restante = Restante::new(store).without_background();
    let error = restante.inbox("alice").unwrap().count().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let error = restante.send(Message::info("a"), "alice").await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    for shown in [format!("{error:?}"), format!("{restante:?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

/// Two processes make the same new users while a third is at one of them: the two wait, neither for
/// the other. Had each an order of its own, each would have made what the other one wants next.
#[tokio::test(flavor = "multi_thread")]
async fn new_users_are_made_in_one_order() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let (one, two) = (service(&url).await, service(&url).await);
    let (mut third, watch) = (app(&url).await, app(&url).await);
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%restante_users%'
        AND backend_type = 'client backend' AND application_name = 'restante'";
    for round in 0..4 {
        let users: Vec<String> = (0..40).map(|n| format!("{round}-{n:02}")).collect();
        let held = third.transaction().await.unwrap();
        let new = "INSERT INTO restante_users(key, is_kept) VALUES ($1, true)";
        held.execute(new, &[&users[20]]).await.unwrap();
        let sends = [&one, &two].map(|restante| {
            let (restante, users) = (restante.clone(), users.clone());
            tokio::spawn(async move { restante.send(Message::info("hi"), users).await })
        });
        let both = async {
            while watch.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        held.commit().await.unwrap();
        for send in sends {
            assert_eq!(send.await.unwrap().unwrap().recipients, 40);
        }
    }
}

/// The function that reads a page changes without the tables: it comes with the version.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_is_brought_up_to_date() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let restante = service(&url).await;
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    drop(restante);
    let client = app(&url).await;
    let arguments = "text, bigint, boolean, bigint, integer, bigint, bigint[]";
    client
        .batch_execute(&format!(
            "DO $$ BEGIN EXECUTE replace(
                 pg_get_functiondef('restante_page({arguments})'::regprocedure),
                 'BEGIN', 'BEGIN RAISE ''that of before'';') ; END $$;
             UPDATE restante_schema SET version = 1"
        ))
        .await
        .unwrap();
    let restante = service(&url).await;
    // What the archive is read by.
    let page = restante.inbox("alice").unwrap().list(Filter::archive()).await.unwrap();
    assert_eq!(page.items[0].message.text(), "Ahoy");
    let version = client.query_one("SELECT version FROM restante_schema", &[]).await.unwrap();
    assert_eq!(version.get::<_, i32>(0), 2);
}

/// What callers ask for at once goes to the server together.
#[tokio::test(flavor = "multi_thread")]
async fn who_ask_together_get_their_own() {
    let Some(server) = PostgresServer::shared() else { return };
    let restante = service(&schema(server).await).await.without_background();
    together::all_get_their_own(&restante).await;
}

/// A runtime that ends takes its tasks along.
#[test]
fn another_runtime_takes_over() {
    let Some(server) = PostgresServer::shared() else { return };
    let open = async { service(&schema(server).await).await.without_background() };
    together::another_runtime_takes_over(open);
}

/// Bodies are asked for once and found again by their positions, which in a long list are not the
/// message's id.
#[tokio::test]
async fn what_is_remembered_is_where_it_was() {
    let Some(server) = PostgresServer::shared() else { return };
    let clock = FixedClock::default();
    let store = PostgresOptions::new().part_size(1).connect(&schema(server).await).await.unwrap();
    let restante = Restante::new(store).without_background().with_clock(clock.clone());
    for text in ["one", "two", "three"] {
        restante.send(Message::info(text), To::users(["alice", "bob"])).await.unwrap();
        restante.deliver_waiting(|_| {}).await.unwrap();
    }
    // What has just come is not remembered.
    clock.advance(Duration::from_secs(60));
    let inbox = restante.inbox("bob").unwrap();
    assert_eq!(inbox.list(Filter::unread().limit(1)).await.unwrap().items.len(), 1);
    restante.send(Message::info("four"), "bob").await.unwrap();
    for _ in 0..2 {
        let page = inbox.list(Filter::unread()).await.unwrap();
        let texts: Vec<_> = page.items.iter().map(|item| item.message.text()).collect();
        assert_eq!(texts, ["four", "three", "two", "one"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_goes_on_in_another_process() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = schema(server).await;
    let (here, there) = (service(&url).await, service(&url).await);
    live::nothing_is_lost_or_told_twice(&here, &there).await;
    live::marks_are_told(&here, &there).await;
}
