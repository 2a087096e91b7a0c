//! What other programs and other processes do to a database while a store has it open.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod live;
mod outside;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, TxOpts};
use outside::{leave_several, leave_what_is_rolled_back, next, relayed_after, several_arrive};
use restante::outbox::send_in;
use restante::{EventKind, Filter, Message, MysqlOptions, MysqlStore, Restante};
use restante_testkit::mariadb::MariadbServer;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

async fn database(server: &'static MariadbServer) -> String {
    tokio::task::spawn_blocking(|| server.database()).await.unwrap().unwrap()
}

async fn service(url: &str) -> Restante {
    Restante::new(MysqlStore::connect(url).await.unwrap())
}

/// The app's own connection, which knows nothing of the store.
async fn app(url: &str) -> Conn {
    Conn::from_url(url).await.unwrap()
}

async fn unread(restante: &Restante, user: &str) -> u64 {
    restante.inbox(user).unwrap().count().await.unwrap().unread
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_if_and_only_if_the_transaction_commits() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let restante = service(&url).await;
    let mut events = restante.subscribe();
    let mut app = app(&url).await;
    app.query_drop("CREATE TABLE orders(id INT) ENGINE=InnoDB").await.unwrap();

    let mut tx = app.start_transaction(TxOpts::default()).await.unwrap();
    tx.query_drop("INSERT INTO orders VALUES (1)").await.unwrap();
    leave_what_is_rolled_back(&mut tx).await;
    tx.rollback().await.unwrap();

    // One that is dropped is rolled back too.
    let mut tx = app.start_transaction(TxOpts::default()).await.unwrap();
    leave_what_is_rolled_back(&mut tx).await;
    drop(tx);

    let mut tx = app.start_transaction(TxOpts::default()).await.unwrap();
    tx.query_drop("INSERT INTO orders VALUES (2)").await.unwrap();
    leave_several(&mut tx).await;
    // Another program's row does not wait for those that are not committed.
    let mut other = self::app(&url).await;
    send_in(&mut other, Message::info("meanwhile"), "carol").await.unwrap();
    assert_eq!(next(&mut events, EventKind::Stored).await.message.unwrap().text(), "meanwhile");
    assert_eq!(unread(&restante, "alice").await, 0);
    tx.commit().await.unwrap();

    several_arrive(&restante, &mut events).await;
    let orders: Vec<i64> = app.query("SELECT id FROM orders").await.unwrap();
    assert_eq!(orders, [2]);
}

/// The connection itself will do, whatever character set it speaks, and for more than one statement
/// takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_leaves_messages_at_once() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let restante = service(&url).await;
    let mut events = restante.subscribe();
    let mut app = app(&url).await;
    app.query_drop("SET NAMES latin1; SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
        .await
        .unwrap();
    let many: Vec<String> = (0..500).map(|n| format!("user-{n}")).collect();
    let text = "日本 ' \" \\ ? ✓".repeat(100);
    send_in(&mut app, Message::info(text.as_str()), &many).await.unwrap();

    app.query_drop("BEGIN").await.unwrap();
    leave_what_is_rolled_back(&mut app).await;
    app.query_drop("ROLLBACK").await.unwrap();
    app.query_drop("BEGIN").await.unwrap();
    leave_several(&mut app).await;
    app.query_drop("COMMIT").await.unwrap();
    several_arrive(&restante, &mut events).await;
    let inbox = restante.inbox("user-499").unwrap();
    let page = inbox.list(Filter::unread()).await.unwrap();
    assert_eq!(page.items.last().unwrap().message.text(), text);
}

/// Programs that say nothing of character sets, or something else than UTF-8, are understood.
#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_open_to_every_program() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let restante = service(&url).await.without_background();
    let mut app = app(&url).await;
    app.query_drop("SET NAMES latin1").await.unwrap();
    let rows = b"INSERT INTO restante_outbox(recipient, message) VALUES
             ('\xe1', '\xe1'), ('a ', 'with a space'), ('a', 'without'), ('', 'to nobody'),
             ('a', ''), ('A', 'large');
         INSERT INTO restante_outbox(recipient, message, data) VALUES ('a', 'bad', '{');
         INSERT INTO restante_outbox(recipient, message, level, tags, expires_at) VALUES
             ('a', 'huge', 99999999999, '', NULL), ('a', 'late', 20, '', -5),
             ('a', 'last', 41, 'x y', NULL)";
    app.query_drop(&rows[..]).await.unwrap();
    restante.relay().await.unwrap();
    for (user, texts) in [
        ("á", vec!["á"]),
        ("a ", vec!["with a space"]),
        ("A", vec!["large"]),
        ("a", vec!["last", "without"]),
    ] {
        let page = restante.inbox(user).unwrap().list(Filter::unread()).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|item| item.message.text()).collect();
        assert_eq!(found, texts, "{user}");
    }
    let left: Vec<(String, Option<String>)> =
        app.query("SELECT message, error FROM restante_outbox ORDER BY id").await.unwrap();
    let texts: Vec<_> = left.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(texts, ["to nobody", "", "bad", "huge", "late"]);
    assert!(left.iter().all(|(_, error)| error.is_some()), "{left:?}");
}

/// Nobody is told here, so it is the service's own looks that find a row.
#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_relayed_within_a_quarter_of_a_second_at_the_median() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let restante = service(&url).await;
    let mut events = restante.subscribe();
    restante.store();
    let mut app = app(&url).await;
    let leave = "INSERT INTO restante_outbox(recipient, message) VALUES ('a', ?)";
    let median =
        relayed_after(&mut events, async |text| app.exec_drop(leave, (text,)).await.unwrap()).await;
    assert!(median < Duration::from_millis(250), "{median:?}");
}

/// A process that wrote nothing itself learns that there is something new, and one that did is not
/// told of that.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_the_other_notices() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let (one, two) = (service(&url).await, service(&url).await);
    let mut events = two.subscribe();
    two.store();
    let began = Instant::now();
    let mut own = 0;
    while began.elapsed() < Duration::from_secs(1) {
        two.send(Message::info("own"), "alice").await.unwrap();
        assert_eq!(events.recv().await.unwrap().kind, EventKind::Stored, "after {own}");
        own += 1;
    }
    let began = Instant::now();
    one.send(Message::info("other"), "alice").await.unwrap();
    next(&mut events, EventKind::Unknown).await;
    eprintln!("noticed after {:?}, {own} of its own", began.elapsed());
    assert_eq!(unread(&two, "alice").await, own + 1);
}

/// Several processes make the same users at the same moment, in one order: none of them is undone
/// by the server and has to begin anew.
#[tokio::test(flavor = "multi_thread")]
async fn new_users_of_several_processes_do_not_deadlock() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let together = Arc::new(Barrier::new(4));
    let mut senders = JoinSet::new();
    for sender in 0..4 {
        let (restante, together) =
            (service(&url).await.without_background(), Arc::clone(&together));
        senders.spawn(async move {
            // A handle's first write has to connect.
            restante.send(Message::info("first"), format!("own-{sender}")).await.unwrap();
            for round in 0..4 {
                let mut to: Vec<String> =
                    (0..1_000).map(|user| format!("{round}-{user}")).collect();
                if sender % 2 == 1 {
                    to.reverse();
                }
                together.wait().await;
                restante.send(Message::info("all"), &to).await.unwrap();
            }
        });
    }
    while let Some(done) = senders.join_next().await {
        done.unwrap();
    }
    let restante = service(&url).await;
    for user in ["0-0", "3-999"] {
        assert_eq!(unread(&restante, user).await, 4);
    }
    let (_, deadlocks): (String, u64) = app(&url)
        .await
        .query_first("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        .await
        .unwrap()
        .unwrap();
    eprintln!("{deadlocks} deadlocks on this server");
    assert_eq!(deadlocks, 0);
}

#[tokio::test]
async fn a_store_without_its_server_says_so_and_never_shows_the_password() {
    let url = "mysql://me:s3cret@127.0.0.1:1/app";
    let error = MysqlStore::connect(url).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let store = MysqlOptions::new().connect_lazily(url).unwrap();
    let restante = Restante::new(store).without_background();
    let error = restante.inbox("alice").unwrap().count().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let error = restante.send(Message::info("a"), "alice").await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    for shown in [format!("{error:?}"), format!("{restante:?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_goes_on_in_another_process() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = database(server).await;
    let (here, there) = (service(&url).await, service(&url).await);
    live::nothing_is_lost_or_told_twice(&here, &there).await;
    live::marks_are_told(&here, &there).await;
}
