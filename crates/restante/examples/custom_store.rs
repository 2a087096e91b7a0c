//! A store of one's own: here a wrapper that notes every send and leaves the rest to another.
//!
//! A store that keeps the messages itself implements all methods of `Store` and `Records`, and runs
//! the conformance suite in its tests; see `restante::conformance_tests!`.
//!
//! `cargo run --example custom_store --features axum`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::routing::get;
use restante::store::NewMessage;
use restante::{
    Error, Key, MemoryStore, Message, Messages, MessagesLayer, Recipients, Restante, Sent, Store,
    async_trait,
};

/// Notes what is sent to whom.
#[derive(Debug)]
struct Audited {
    store: Arc<dyn Store>,
    notes: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Store for Audited {
    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        let sent = self.store.send(now, message, to).await?;
        let note = format!("{} to {}", message.message(), to.as_slice().len());
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        Ok(sent)
    }

    restante::delegate_store! {
        self.store => name, broadcast, deliver, relay, list, count, get, mark_read, mark_unread,
        mark_all_read, dismiss, join, sent, receipts, retract, sweep, forget, export, follow, changes
    }
}

restante::delegate_records!(Audited, store);

async fn pay(messages: Messages) -> &'static str {
    messages.add(Message::success("Paid").stored());
    "paid"
}

fn app(restante: Restante) -> Router {
    let messages =
        MessagesLayer::new(Key::generate()).with_restante(restante).with_user(|_| Some("alice"));
    Router::new().route("/pay", get(pay)).layer(messages)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let store = Audited { store: Arc::new(MemoryStore::new()), notes: Arc::default() };
    let app = app(Restante::new(store));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}/pay", listener.local_addr()?);
    axum::serve(listener, app).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    #[tokio::test]
    async fn every_send_is_noted() {
        let notes = Arc::default();
        let store = Audited { store: Arc::new(MemoryStore::new()), notes: Arc::clone(&notes) };
        let restante = Restante::from_arc(Arc::new(store));
        let request = Request::get("/pay").body(Body::empty()).unwrap();
        app(restante.clone()).oneshot(request).await.unwrap();
        restante.send(Message::info("Ahoy there"), ["alice", "bob"]).await.unwrap();
        assert_eq!(*notes.lock().unwrap(), ["Paid to 1", "Ahoy there to 2"]);
        assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 2);
    }
}
