use std::time::SystemTime;

use restante::{
    AsOf, Error, MemoryStore, Message, Restante, Store, To, UserId, async_trait, delegate_records,
    delegate_store,
};
use serde_json::{Value, json};

use super::Site;
use crate::site::alice;

const PATHS: [&str; 2] = ["/messages/inbox/read", "/messages/mark_all_read"];

#[tokio::test]
async fn an_old_as_of_leaves_what_arrived_since() {
    for path in PATHS {
        let site = Site::new();
        site.send(Message::info("shown"), "alice").await;
        site.send(Message::info("shown to all"), To::everyone()).await;
        let as_of = site.get("/messages/inbox").await.json()["as_of"].clone();
        site.send(Message::info("meanwhile"), "alice").await;

        let body = json!({ "as_of": as_of }).to_string();
        let marked = site.post(path, body.clone()).await;
        assert_eq!(marked.json(), json!({ "changed": true, "unread": 1 }), "{path}");
        assert_eq!(site.get("/messages/inbox").await.texts(), ["meanwhile"]);
        let again = site.post(path, body).await;
        assert_eq!(again.json(), json!({ "changed": false, "unread": 1 }), "{path}");
    }
}

#[tokio::test]
async fn ids_mark_those_and_no_others() {
    for path in PATHS {
        let site = Site::new();
        for text in ["one", "two", "three"] {
            site.send(Message::info(text), "alice").await;
        }
        site.send(Message::info("for bob"), "bob").await;
        let page = site.get("/messages/inbox").await.json();
        let (three, one) = (&page["items"][0]["id"], &page["items"][2]["id"]);
        let theirs = site.newest("bob").await;

        let body = json!({ "ids": [one, three, one, theirs, 12] }).to_string();
        let marked = site.post(path, body).await;
        assert_eq!(marked.json(), json!({ "changed": true, "unread": 1 }), "{path}");
        assert_eq!(site.get("/messages/inbox").await.texts(), ["two"]);
        assert_eq!(site.unread("bob").await, 1);

        let nothing = site.post(path, r#"{"ids": []}"#).await;
        assert_eq!(nothing.json(), json!({ "changed": false, "unread": 1 }), "{path}");
    }
}

#[tokio::test]
async fn mark_all_read_without_a_body_marks_what_is_visible() {
    let site = Site::new();
    site.send(Message::info("one"), "alice").await;
    site.send(Message::info("two"), To::everyone()).await;
    site.send(Message::info("for bob"), "bob").await;

    let marked = site.call("POST", "/messages/mark_all_read").await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }));
    assert_eq!(site.unread("bob").await, 2);
    let again = site.call("POST", "/messages/mark_all_read").await;
    assert_eq!(again.json(), json!({ "changed": false, "unread": 0 }));

    // As a form without fields and some scripts send it.
    for content_type in ["application/x-www-form-urlencoded", "application/json"] {
        site.send(Message::info("three"), "alice").await;
        let request = alice("POST", "/messages/mark_all_read").header("content-type", content_type);
        let marked = site.ask(request.body(Vec::new()).unwrap()).await;
        assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }), "{content_type}");
    }
}

/// A store to which a message arrives whenever all are about to be marked read.
#[derive(Debug)]
struct Busy(MemoryStore);

#[async_trait]
impl Store for Busy {
    delegate_store! {
        self.0 => name, send, broadcast, deliver, relay, list, count, get, mark_read, mark_unread,
        dismiss, join, sent, receipts, retract, sweep, forget, export, follow, changes,
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        let sender = Restante::new(self.0.clone());
        sender.send(Message::info("for one"), user.clone()).await?;
        sender.send(Message::info("for all"), To::everyone()).await?;
        self.0.mark_all_read(now, user, as_of).await
    }
}

delegate_records!(Busy, 0);

#[tokio::test]
async fn a_message_that_arrives_while_all_are_marked_stays_unread() {
    let site = Site::on(Busy(MemoryStore::new()));
    site.send(Message::info("visible"), "alice").await;
    let marked = site.call("POST", "/messages/mark_all_read").await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 2 }));
    assert_eq!(site.get("/messages/inbox").await.texts(), ["for all", "for one"]);
}

#[tokio::test]
async fn a_body_that_does_not_say_which_is_refused() {
    let either = "the body must have either `as_of` or `ids`";
    let of_as_of = "must be the `as_of` of a page or a count";
    let of_ids = "must be a list of the `id`s of items";
    let no_field = "there is no such field; there are `as_of`, `ids`";
    let cases = [
        ("{}", None, either),
        (r#"{"as_of": "1", "ids": [1]}"#, None, either),
        (r#"{"as_of": null}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": 5}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": ""}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": "nonsense"}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": "-1"}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": "ffffffffffffffff"}"#, Some("as_of"), of_as_of),
        (r#"{"as_of": "\u0000"}"#, Some("as_of"), of_as_of),
        (r#"{"ids": 5}"#, Some("ids"), of_ids),
        (r#"{"ids": null}"#, Some("ids"), of_ids),
        (r#"{"ids": ["5"]}"#, Some("ids"), of_ids),
        (r#"{"ids": [1.5]}"#, Some("ids"), of_ids),
        (r#"{"ids": [9223372036854775808]}"#, Some("ids"), of_ids),
        (r#"{"ids": [[[[1]]]]}"#, Some("ids"), of_ids),
        (r#"{"all": true}"#, Some("all"), no_field),
        (r#"{"as_of": "1", "all": true}"#, Some("all"), no_field),
        (r#"{"as_of": "1", "as_of": "2"}"#, Some("as_of"), "is given twice"),
        ("[]", None, "the body must be a JSON object"),
        ("null", None, "the body must be a JSON object"),
        (r#""as_of""#, None, "the body must be a JSON object"),
    ];
    let site = Site::new();
    site.send(Message::info("unread"), "alice").await;
    for path in PATHS {
        for (body, field, detail) in cases {
            let mut expected = json!({
                "type": "urn:restante:problem:invalid",
                "title": "The input is not valid",
                "status": 422,
                "detail": detail,
            });
            if let Some(field) = field {
                expected["field"] = Value::from(field);
            }
            assert_eq!(site.post(path, body).await.problem(), expected, "{path} {body}");
        }
    }
    assert_eq!(site.unread("alice").await, 1);
}

#[tokio::test]
async fn an_as_of_from_nowhere_does_no_harm() {
    let site = Site::new();
    site.send(Message::info("visible"), "alice").await;
    let highest = json!({ "as_of": "1fffffffffffff" }).to_string();
    let marked = site.post("/messages/inbox/read", highest).await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }));
    site.send(Message::info("later"), "alice").await;
    assert_eq!(site.unread("alice").await, 1, "it reached what was visible and no further");
}

#[tokio::test]
async fn too_many_ids_are_refused_with_the_limit_named() {
    let site = Site::new();
    let ids: Vec<i64> = (0..1_001).collect();
    let answer = site.post("/messages/inbox/read", json!({ "ids": ids }).to_string()).await;
    let expected = json!({
        "type": "urn:restante:problem:too-large",
        "title": "The input is past a limit",
        "status": 422,
        "detail": "at most 1,000 items are marked at once",
        "field": "ids",
    });
    assert_eq!(answer.problem(), expected);
}
