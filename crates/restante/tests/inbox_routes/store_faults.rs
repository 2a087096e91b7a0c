use std::time::SystemTime;

use restante::{
    AsOf, Count, Error, ErrorKind, Filter, Item, ItemId, MemoryStore, Page, Store, UserId,
    async_trait, delegate_records, delegate_store,
};

use super::Site;

/// A store that can be sent to and whose reader is out of order.
#[derive(Debug)]
struct Faulty {
    inside: MemoryStore,
    kind: ErrorKind,
}

impl Faulty {
    fn fail<T>(&self) -> Result<T, Error> {
        Err(match self.kind {
            ErrorKind::Transient => Error::transient("faulty", "secret"),
            ErrorKind::Unsupported => Error::unsupported("faulty", "secret"),
            _ => Error::internal("faulty", "secret"),
        })
    }
}

#[async_trait]
impl Store for Faulty {
    delegate_store! {
        self.inside => name, send, broadcast, deliver, relay, join, sent, receipts, retract, sweep,
        forget, export, follow, changes,
    }

    async fn list(&self, _: SystemTime, _: &UserId, _: &Filter) -> Result<Page, Error> {
        self.fail()
    }

    async fn count(&self, _: SystemTime, _: &UserId) -> Result<Count, Error> {
        self.fail()
    }

    async fn get(&self, _: SystemTime, _: &UserId, _: ItemId) -> Result<Option<Item>, Error> {
        self.fail()
    }

    async fn mark_read(&self, _: SystemTime, _: &UserId, _: &[ItemId]) -> Result<u64, Error> {
        self.fail()
    }

    async fn mark_unread(&self, _: SystemTime, _: &UserId, _: ItemId) -> Result<bool, Error> {
        self.fail()
    }

    async fn mark_all_read(&self, _: SystemTime, _: &UserId, _: &AsOf) -> Result<bool, Error> {
        self.fail()
    }

    async fn dismiss(&self, _: SystemTime, _: &UserId, _: ItemId) -> Result<bool, Error> {
        self.fail()
    }
}

delegate_records!(Faulty, inside);

#[tokio::test]
async fn a_store_that_fails_is_a_problem_on_every_route() {
    let kinds =
        [(ErrorKind::Transient, 503), (ErrorKind::Unsupported, 501), (ErrorKind::Internal, 500)];
    for (kind, status) in kinds {
        let site = Site::on(Faulty { inside: MemoryStore::new(), kind });
        let answers = [
            site.get("/messages/inbox").await,
            site.get("/messages/inbox/count").await,
            site.get("/messages/inbox/5").await,
            site.call("DELETE", "/messages/inbox/5").await,
            site.call("POST", "/messages/inbox/5/read").await,
            site.call("POST", "/messages/inbox/5/unread").await,
            site.post("/messages/inbox/read", r#"{"as_of": "5"}"#).await,
            site.post("/messages/inbox/read", r#"{"ids": [5]}"#).await,
            site.call("POST", "/messages/mark_all_read").await,
        ];
        for answer in answers {
            assert_eq!(answer.problem()["status"], status);
            assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{answer:?}");
            assert_eq!(answer.headers.contains_key("retry-after"), status == 503);
            assert!(!answer.headers.contains_key("etag"));
        }
    }
}
