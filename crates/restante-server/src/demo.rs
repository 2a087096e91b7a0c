//! Sample messages to try the server out with.

use std::time::{Duration, SystemTime};

use restante::store::SentFilter;
use restante::{Error, Level, Message, Restante, To, UserId};
use serde_json::json;

use crate::access::{Scope, keys};
use crate::database::Database;
use crate::failure::Failure;
use crate::http::App;

/// Who has an inbox in the demo.
pub(crate) const USERS: [&str; 2] = ["alice", "bob"];
/// How long their links work.
const LINK_LIFETIME: Duration = Duration::from_secs(3600);
/// Who the samples are from.
const SENDER: &str = "demo";
/// What the key for the admin pages is called.
const ADMIN: &str = "demo admin";

/// Where the demo keeps its messages unless told otherwise: apart from real ones.
pub(crate) fn database() -> Database {
    Database::Sqlite("restante-demo.db".into())
}

/// Sends the samples, unless an earlier start did.
pub(crate) async fn fill(restante: &Restante) -> Result<(), Error> {
    let filter = SentFilter { sender: Some(SENDER.to_owned()), after: None, limit: 1 };
    if !restante.sent(filter).await?.messages.is_empty() {
        return Ok(());
    }
    for (key, (to, message)) in (1..).zip(samples()) {
        // With a key, of two servers that start at once only one sends it.
        restante.send(message, to).sender(SENDER).key(format!("demo-{key}")).await?;
    }
    // So that a page has something read to show too.
    for user in USERS {
        let inbox = restante.inbox(user)?;
        let page = inbox.list(restante::Filter::unread().limit(100)).await?;
        let oldest: Vec<_> = page.items.iter().rev().take(2).map(|item| item.id).collect();
        inbox.mark_read_many(&oldest).await?;
    }
    Ok(())
}

/// A one-use link for each user.
pub(crate) fn links(app: &App) -> Result<Vec<(&'static str, String)>, Failure> {
    let link = |name| {
        let fresh = app.tickets.issue(SystemTime::now(), &UserId::new(name)?, LINK_LIFETIME)?;
        Ok((name, app.site.url(&format!("/login?ticket={}", fresh.ticket))))
    };
    USERS.into_iter().map(link).collect()
}

/// A fresh key for the admin pages of a database that has only samples in it; those of earlier
/// starts are revoked. Of any other database no key is made: it would be printed, and stay.
pub(crate) async fn admin_key(
    restante: &Restante,
    used: &Database,
) -> Result<Option<String>, Error> {
    if *used != database() && *used != Database::Memory {
        return Ok(None);
    }
    let (store, now) = (restante.store().as_ref(), restante.now());
    let keys = store.api_keys().await?;
    for key in keys.iter().filter(|key| key.name == ADMIN && key.revoked_at.is_none()) {
        store.revoke_api_key(now, &key.id).await?;
    }
    Ok(Some(keys::create(store, now, ADMIN, &[Scope::Admin]).await?.key))
}

/// Every level, and every part that a message can have.
fn samples() -> Vec<(To, Message)> {
    let week = Duration::from_secs(7 * 86_400);
    let alice = || To::from("alice");
    let bob = || To::from("bob");
    vec![
        (alice(), Message::debug("Webhook “deploy” answered 204 in 38 ms").tag("webhooks")),
        (alice(), Message::info("carol added you to the team “harbour”").url("/teams/harbour")),
        (bob(), Message::debug("Webhook “mirror” answered 200 in 12 ms").tag("webhooks")),
        (bob(), Message::success("Your address was changed").url("/account")),
        (
            alice(),
            Message::success("Your export of 48,210 rows is ready")
                .url("/exports/77")
                .tag("export")
                .data(json!({ "rows": 48_210, "format": "csv" })),
        ),
        (
            To::from(["alice", "bob"]),
            Message::warning("Your access token “laptop” ends in 3 days. Make a new one before \
                              Sunday, or the nightly mirror stops.")
                .url("/settings/tokens")
                .tag("security")
                .expires_in(week),
        ),
        (
            bob(),
            Message::error("Payment for November did not go through: the card ending 4411 was \
                            declined.\nWe try again on Monday; nothing is switched off before then.")
                .url("/billing")
                .tag("billing"),
        ),
        (
            alice(),
            Message::error("Build 1907 of ledger/main failed in “integration”")
                .url("/builds/1907")
                .tag("ci")
                .data(json!({ "build": 1907 })),
        ),
        (alice(), Message::new(Level::new(35), "ספרינט 12 נסגר").tag("sprint")),
        (
            To::everyone(),
            Message::info("Planned maintenance on Saturday, 02:00–02:40 UTC. Pages may show an \
                           older state for a minute or two; nothing is lost.")
                .url("https://status.example/maintenance")
                .tag("maintenance"),
        ),
        (
            alice(),
            Message::info("bob asked for your review of “Give positions out in commit order”")
                .url("/reviews/482")
                .tag("review"),
        ),
    ]
}
