use std::sync::Arc;
use std::time::{Instant, SystemTime};

use prometheus_client::metrics::histogram::Histogram;
use restante::store::{
    Delivered, Expiry, Followed, NewMessage, Receipts, Relayed, SentFilter, SentPage, Swept,
};
use restante::{
    AsOf, Count, Error, ErrorKind, Export, Filter, Item, ItemId, MessageId, Page, Recipients, Sent,
    Store, UserId, async_trait,
};

use super::Figures;
use super::figures::{Failed, Kind, Operation};

/// Measures how long a store takes, and counts what is sent through it.
#[derive(Debug)]
pub(crate) struct MeteredStore {
    inner: Arc<dyn Store>,
    figures: Arc<Figures>,
    times: Times,
}

impl MeteredStore {
    pub(crate) fn new(inner: Arc<dyn Store>, figures: Arc<Figures>) -> Self {
        let times = Times::new(&figures);
        Self { inner, figures, times }
    }

    fn count_error(&self, operation: &'static str, error: &Error) {
        let kind = match error.kind() {
            ErrorKind::Transient => "transient",
            ErrorKind::Internal => "internal",
            // What a caller did is no failure of the store.
            _ => return,
        };
        self.figures.store_errors.get_or_create(&Failed { operation, kind }).inc();
    }

    fn count_sent(&self, to: &'static str, sent: Sent) {
        if !sent.repeated {
            self.figures.sends.get_or_create(&Kind { to }).inc();
            self.figures.recipients.inc_by(sent.recipients);
        }
    }
}

/// Writes the store's methods: each is timed under its own name, and then, if it went well, what
/// follows the arrow is done with the result.
macro_rules! metered {
    ($($method:ident($($argument:ident: $type:ty),*) -> $given:ty $(, then $then:expr)?;)+) => {
        /// One histogram for each method, so that none is looked for while a request waits.
        #[derive(Debug)]
        struct Times {
            $($method: Histogram,)+
        }

        impl Times {
            fn new(figures: &Figures) -> Self {
                let of = |operation| figures.store.get_or_create_owned(&Operation { operation });
                Self { $($method: of(stringify!($method)),)+ }
            }
        }

        #[async_trait]
        impl Store for MeteredStore {
            fn name(&self) -> &'static str {
                self.inner.name()
            }

            fn changes(&self) -> restante::store::Changes {
                self.inner.changes()
            }

            $(async fn $method(
                &self,
                now: SystemTime,
                $($argument: $type,)*
            ) -> Result<$given, Error> {
                let began = Instant::now();
                let done = self.inner.$method(now, $($argument),*).await;
                self.times.$method.observe(began.elapsed().as_secs_f64());
                match &done {
                    Ok(_result) => {
                        $(
                            let then: fn(&Self, &$given) = $then;
                            then(self, _result);
                        )?
                    }
                    Err(error) => self.count_error(stringify!($method), error),
                }
                done
            })+
        }
    };
}

metered! {
    send(message: &NewMessage, to: &Recipients) -> Sent,
        then |store, sent| store.count_sent("users", *sent);
    broadcast(message: &NewMessage, newcomers: bool) -> Sent,
        then |store, sent| store.count_sent("everyone", *sent);
    deliver(name_users: bool) -> Option<Delivered>;
    relay(expiry: Expiry, limit: usize) -> Relayed,
        then |store, relayed| {
            store.figures.relayed.inc_by(relayed.messages.len() as u64);
            for message in &relayed.messages {
                let to = if message.user.is_some() { "users" } else { "everyone" };
                store.count_sent(to, message.sent);
            }
        };
    list(user: &UserId, filter: &Filter) -> Page;
    count(user: &UserId) -> Count;
    get(user: &UserId, id: ItemId) -> Option<Item>;
    mark_read(user: &UserId, ids: &[ItemId]) -> u64;
    mark_unread(user: &UserId, id: ItemId) -> bool;
    mark_all_read(user: &UserId, as_of: &AsOf) -> bool;
    dismiss(user: &UserId, id: ItemId) -> bool;
    join(user: &UserId, joined: SystemTime) -> bool;
    sent(filter: &SentFilter) -> SentPage;
    receipts(id: MessageId, sender: Option<&str>) -> Option<Receipts>;
    retract(id: MessageId, sender: Option<&str>) -> bool;
    sweep() -> Swept;
    forget(user: &UserId) -> bool;
    export(user: &UserId) -> Export;
    follow(after: i64, limit: usize) -> Vec<Followed>;
}

restante::delegate_records!(MeteredStore, inner);

#[cfg(test)]
mod tests {
    use restante::{MemoryStore, Message, Restante, To};

    use super::*;

    #[tokio::test]
    async fn what_goes_through_is_timed_and_counted() {
        let figures = Arc::new(Figures::new());
        let store = MeteredStore::new(Arc::new(MemoryStore::new()), Arc::clone(&figures));
        let restante = Restante::new(store).without_background();
        restante.send(Message::info("a"), ["a", "b"]).key("k").await.unwrap();
        restante.send(Message::info("a"), ["a", "b"]).key("k").await.unwrap();
        restante.send(Message::info("b"), To::everyone()).await.unwrap();
        restante.send(Message::info("b"), "a").key("k").await.unwrap_err();
        restante.inbox("a").unwrap().count().await.unwrap();
        let text = figures.write(None).unwrap();
        for line in [
            "restante_sends_total{to=\"users\"} 1",
            "restante_sends_total{to=\"everyone\"} 1",
            "restante_recipients_total 2",
            "restante_store_seconds_count{operation=\"send\"} 3",
            "restante_store_seconds_count{operation=\"count\"} 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
        assert!(!text.contains("restante_store_errors_total{"), "a conflict is the caller's");
    }
}
