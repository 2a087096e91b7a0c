//! The ways to a server: encrypted, and through a pooler.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use std::io;
use std::time::Duration;

use restante::{
    Error, EventKind, Filter, Message, PostgresOptions, PostgresStore, Restante, Store, To,
};
use restante_testkit::certificates::{Certificates, in_url};
use restante_testkit::pgbouncer::Pgbouncer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use tokio::task::{JoinSet, spawn_blocking};

fn encrypted() -> io::Result<(Certificates, PostgresServer)> {
    let made = Certificates::for_localhost("postgres")?;
    let (certificate, key) = (made.certificate(), made.key());
    let server = PostgresServer::start_with(&[
        "fsync=off",
        "ssl=on",
        &format!("ssl_cert_file={}", certificate.display()),
        &format!("ssl_key_file={}", key.display()),
    ])?;
    Ok((made, server))
}

/// What a message goes through: a lost connection would be an error.
async fn works(store: impl Store) {
    let restante = Restante::new(store).without_background();
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    let page = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    assert_eq!(page.items[0].message.text(), "Ahoy");
}

#[tokio::test(flavor = "multi_thread")]
async fn sslmode_means_what_it_says() {
    let Some((made, server)) = or_skipped(encrypted()) else { return };
    let trusted = format!("sslrootcert={}", in_url(&made.authority()));
    let url = |host: &str, query: &str| {
        let name = tokio::task::block_in_place(|| server.database()).unwrap();
        let name = name.rsplit('/').next().unwrap().to_owned();
        format!("postgres://postgres@{host}:{}/{name}?{query}&{trusted}", server.port())
    };
    let untrusting = |host: &str, query: &str| url(host, query).replace(&trusted, "");
    // How many of the store's connections are encrypted, and how many are not.
    let connections = || {
        let count = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl)
            FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'restante'";
        tokio::task::block_in_place(|| server.sql("postgres", count)).unwrap()
    };

    for (url, expected) in [
        (untrusting("localhost", "sslmode=require"), "1|0"),
        (untrusting("localhost", ""), "1|0"),
        (untrusting("127.0.0.1", "sslmode=disable"), "0|1"),
        (url("127.0.0.1", "sslmode=verify-ca"), "1|0"),
        (url("localhost", "sslmode=verify-full"), "1|0"),
    ] {
        let store = PostgresStore::connect(&url).await.unwrap();
        assert_eq!(connections(), expected, "{url}");
        works(store).await;
        // Its connections are closed a moment after it is gone.
        while is_open(&server) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    for url in [
        // The certificate is of another name, and signed by somebody whom the system does not know.
        url("127.0.0.1", "sslmode=verify-full"),
        untrusting("localhost", "sslmode=verify-full"),
        untrusting("localhost", "sslmode=verify-ca"),
    ] {
        let error = PostgresStore::connect(&url).await.unwrap_err();
        is_about_tls(&error);
    }
}

fn is_open(server: &PostgresServer) -> bool {
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'restante'";
    tokio::task::block_in_place(|| server.sql("postgres", open)).unwrap() != "0"
}

/// To try again would not help, and the text says where to look.
fn is_about_tls(error: &Error) {
    assert!(!error.is_transient(), "{error:?}");
    assert!(error.detail().contains("sslmode"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = format!("{}?sslmode=require", server.url("postgres"));
    is_about_tls(&PostgresStore::connect(&url).await.unwrap_err());
}

/// A pooler in this mode, with a database of its own behind it.
async fn pooled(
    server: &'static PostgresServer,
    settings: &'static [&'static str],
) -> Option<(Pgbouncer, String, String)> {
    let started = spawn_blocking(|| {
        let pooler = Pgbouncer::start(server, settings)?;
        let direct = server.database()?;
        let name = direct.rsplit('/').next().unwrap_or_default().to_owned();
        let url = pooler.url(&name);
        Ok((pooler, url, direct))
    });
    or_skipped(started.await.unwrap())
}

/// Fewer connections than callers: each transaction gets whichever is free.
const TRANSACTION: [&str; 3] = [
    "pool_mode=transaction",
    "default_pool_size=3",
    "ignore_startup_parameters=extra_float_digits",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_transaction_mode_works_if_it_knows_prepared_statements() {
    let Some(server) = PostgresServer::shared() else { return };
    let Some((pooler, url, direct)) = pooled(server, &TRANSACTION).await else { return };
    // What the documentation says is needed. Older ones have to say so themselves.
    if pooler.version() < (1, 21) {
        return needs_prepared_statements(&url).await;
    }
    if pooler.version() < (1, 24) {
        return;
    }
    // Nothing of this may take long, nor wait for something that never comes.
    tokio::time::timeout(Duration::from_secs(60), is_used_by_two(&url, &direct)).await.unwrap();
}

async fn is_used_by_two(url: &str, direct: &str) {
    let (one, two) = (connect(url, direct).await, connect(url, direct).await);
    let mut events = two.subscribe();
    two.store();
    while events.recv().await.unwrap().kind != EventKind::Unknown {}

    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let restante = [&one, &two][caller % 2].clone();
        callers.spawn(async move {
            let user = format!("user-{caller}");
            let inbox = restante.inbox(user.as_str()).unwrap();
            for number in 1..=20 {
                restante.send(Message::info("hi"), [user.as_str(), "all"]).await.unwrap();
                let page = inbox.list(Filter::unread()).await.unwrap();
                assert_eq!(page.items.len(), number);
            }
            let as_of = inbox.count().await.unwrap().as_of;
            inbox.mark_all_read(&as_of).await.unwrap();
            assert_eq!(inbox.count().await.unwrap().unread, 0);
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    assert_eq!(two.inbox("all").unwrap().count().await.unwrap().unread, 640);
    one.send(Message::info("to everyone"), To::everyone()).await.unwrap();
    // `LISTEN` takes the way around the pooler.
    while events.recv().await.unwrap().kind != EventKind::Broadcast {}
    let many: Vec<String> = (0..4_500).map(|n| format!("user-{n}")).collect();
    let sent = one.send(Message::info("long"), &many).await.unwrap();
    one.deliver_waiting(|_| {}).await.unwrap();
    assert_eq!(two.inbox("user-4499").unwrap().count().await.unwrap().unread, 2);
    assert!(two.retract(sent.id).await.unwrap());
    assert_eq!(one.inbox("user-4499").unwrap().count().await.unwrap().unread, 1);
    let found = one.inbox("user-1").unwrap().list(Filter::archive().containing("hi")).await;
    assert_eq!(found.unwrap().items.len(), 20);
}

async fn connect(url: &str, direct: &str) -> Restante {
    let store = PostgresOptions::new().listen_at(direct).connect(url).await.unwrap();
    Restante::new(store)
}

/// Without them it fails sooner or later, and the error names what is missing.
async fn needs_prepared_statements(url: &str) {
    let mut tries = JoinSet::new();
    for caller in 0..16 {
        let url = url.to_owned();
        tries.spawn(async move {
            let restante = Restante::new(PostgresStore::connect(&url).await?).without_background();
            for _ in 0..20 {
                restante.send(Message::info("hi"), format!("user-{caller}")).await?;
                restante.inbox("alice")?.list(Filter::unread()).await?;
            }
            Ok::<_, Error>(())
        });
    }
    let mut refused = Vec::new();
    while let Some(tried) = tries.join_next().await {
        refused.extend(tried.unwrap().err());
    }
    assert!(!refused.is_empty());
    for error in refused {
        assert!(error.detail().contains("prepared statements"), "{error:?}");
    }
}

/// Every version can do that, with a connection of the server's for each of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_session_mode_works() {
    let Some(server) = PostgresServer::shared() else { return };
    let settings = &["pool_mode=session", "ignore_startup_parameters=extra_float_digits"];
    let Some((_pooler, url, direct)) = pooled(server, settings).await else { return };
    works(PostgresOptions::new().listen_at(direct).connect(&url).await.unwrap()).await;
}
