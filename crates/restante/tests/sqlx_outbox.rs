//! `send_in` with sqlx, on real servers.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use restante::outbox::{Outbox, send_in};
use restante::{Filter, Message, MysqlStore, PostgresStore, Restante, Store, To};
use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::PostgresServer;
use sqlx::{Connection, MySqlConnection, PgConnection};

fn service(store: impl Store) -> Restante {
    Restante::new(store).without_background()
}

/// What is left in a transaction that does not commit.
async fn never(tx: &mut (impl Outbox + ?Sized)) {
    send_in(tx, Message::info("never").stored(), "alice").await.unwrap();
}

/// What is left in the one that does.
async fn several(tx: &mut (impl Outbox + ?Sized)) {
    let paid = Message::success("Paid ✓").stored().tag("order").url("/orders/2").data(2);
    send_in(tx, paid, "alice").await.unwrap();
    send_in(tx, Message::info("to both"), ["alice", "bob"]).await.unwrap();
    send_in(tx, Message::info("to all"), To::everyone()).await.unwrap();
    let refused = send_in(tx, Message::info(""), "alice").await.unwrap_err();
    assert_eq!(refused.field(), Some("message"));
}

async fn texts(restante: &Restante, user: &str) -> Vec<String> {
    let page = restante.inbox(user).unwrap().list(Filter::unread()).await.unwrap();
    page.items.iter().map(|item| item.message.text().to_owned()).collect()
}

/// Only what was committed is there, whole and in order.
async fn has_arrived(restante: &Restante) {
    assert_eq!(restante.relay().await.unwrap(), 4);
    assert_eq!(texts(restante, "alice").await, ["to all", "to both", "Paid ✓"]);
    assert_eq!(texts(restante, "bob").await, ["to all", "to both"]);
    let page = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    let paid = &page.items[2].message;
    assert_eq!((paid.link(), paid.extra_tags()), (Some("/orders/2"), "order"));
    assert_eq!(paid.raw_data().unwrap().get(), "2");
}

/// More than a statement of MySQL takes, left on the connection itself.
async fn leave_many(connection: &mut (impl Outbox + ?Sized)) {
    let many: Vec<String> = (0..1_201).map(|n| format!("user-{n}")).collect();
    send_in(connection, Message::info("to many").expires_in(std::time::Duration::MAX), &many)
        .await
        .unwrap();
}

async fn have_arrived(restante: &Restante) {
    assert_eq!(restante.relay().await.unwrap(), 1_201);
    assert_eq!(texts(restante, "user-1200").await, ["to many", "to all"]);
}

#[tokio::test]
async fn on_postgresql_it_is_sent_if_and_only_if_the_transaction_commits() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = tokio::task::spawn_blocking(|| server.schema()).await.unwrap().unwrap();
    let restante = service(PostgresStore::connect(&url).await.unwrap());
    let mut app = PgConnection::connect(&url).await.unwrap();

    let mut tx = app.begin().await.unwrap();
    never(&mut tx).await;
    tx.rollback().await.unwrap();
    let mut tx = app.begin().await.unwrap();
    several(&mut tx).await;
    never_if_dropped(&url).await;
    assert_eq!(restante.relay().await.unwrap(), 0);
    tx.commit().await.unwrap();
    has_arrived(&restante).await;

    leave_many(&mut app).await;
    have_arrived(&restante).await;
}

/// A future that is dropped with its transaction leaves nothing.
async fn never_if_dropped(url: &str) {
    let url = url.to_owned();
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let task = tokio::spawn(async move {
        let mut tx = pool.begin().await.unwrap();
        never(&mut *tx).await;
    });
    task.await.unwrap();
}

#[tokio::test]
async fn on_mariadb_it_is_sent_if_and_only_if_the_transaction_commits() {
    let Some(server) = MariadbServer::shared() else { return };
    let url = tokio::task::spawn_blocking(|| server.database()).await.unwrap().unwrap();
    let restante = service(MysqlStore::connect(&url).await.unwrap());
    let mut app = MySqlConnection::connect(&url).await.unwrap();

    let mut tx = app.begin().await.unwrap();
    never(&mut tx).await;
    tx.rollback().await.unwrap();
    let mut tx = app.begin().await.unwrap();
    several(&mut *tx).await;
    assert_eq!(restante.relay().await.unwrap(), 0);
    tx.commit().await.unwrap();
    has_arrived(&restante).await;

    leave_many(&mut app).await;
    have_arrived(&restante).await;
}

#[tokio::test]
async fn an_error_says_what_to_do() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = tokio::task::spawn_blocking(|| server.schema()).await.unwrap().unwrap();
    let mut app = PgConnection::connect(&url).await.unwrap();
    let error = send_in(&mut app, Message::info("hi"), "alice").await.unwrap_err();
    assert!(!error.is_transient() && error.detail().contains("restante_outbox"), "{error:?}");

    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut app).await.unwrap();
    let end = format!("SELECT pg_terminate_backend({pid})");
    tokio::task::spawn_blocking(move || server.sql("postgres", &end)).await.unwrap().unwrap();
    let error = send_in(&mut app, Message::info("hi"), "alice").await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}
