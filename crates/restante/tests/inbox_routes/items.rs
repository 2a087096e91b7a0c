use restante::{Message, To};
use serde_json::json;

use super::Site;
use crate::site::anonymous;

#[tokio::test]
async fn one_item_is_the_one_of_the_list() {
    let site = Site::new();
    site.send(Message::info("Ahoy").url("https://a.example/"), "alice").await;
    let listed = site.get("/messages/inbox").await.json()["items"][0].clone();
    let item = site.get(&format!("/messages/inbox/{}", listed["id"])).await;
    assert_eq!(item.json(), listed);
}

#[tokio::test]
async fn marking_says_whether_it_changed_anything() {
    let site = Site::new();
    site.send(Message::info("one"), "alice").await;
    site.send(Message::info("two"), "alice").await;
    let item = format!("/messages/inbox/{}", site.newest("alice").await);

    let changed = async |verb: &str| site.call("POST", &format!("{item}/{verb}")).await.json();
    assert_eq!(changed("read").await, json!({ "changed": true, "unread": 1 }));
    assert_eq!(changed("read").await, json!({ "changed": false, "unread": 1 }));
    assert_eq!(site.get(&item).await.json()["read_at"], "2026-01-01T00:00:00Z");
    assert_eq!(changed("unread").await, json!({ "changed": true, "unread": 2 }));
    assert_eq!(changed("unread").await, json!({ "changed": false, "unread": 2 }));
}

#[tokio::test]
async fn a_dismissed_item_is_gone() {
    let site = Site::new();
    site.send(Message::info("Everybody's"), To::everyone()).await;
    let item = format!("/messages/inbox/{}", site.newest("alice").await);

    let gone = site.call("DELETE", &item).await;
    assert_eq!((gone.status.as_u16(), gone.body.as_slice()), (204, b"".as_slice()));
    assert!(site.get("/messages/inbox?view=archive").await.texts().is_empty());
    assert_eq!(site.call("DELETE", &item).await.problem()["status"], 404);
    assert_eq!(site.get(&item).await.problem()["status"], 404);
    assert_eq!(site.unread("bob").await, 1, "only for alice");
}

/// The verbs that name an item.
const VERBS: [(&str, &str); 4] =
    [("GET", ""), ("DELETE", ""), ("POST", "/read"), ("POST", "/unread")];

#[tokio::test]
async fn another_users_item_is_not_found_by_any_verb() {
    let site = Site::new();
    site.send(Message::info("for bob"), "bob").await;
    let id = site.newest("bob").await;
    for (method, verb) in VERBS {
        let answer = site.call(method, &format!("/messages/inbox/{id}{verb}")).await;
        let expected = json!({
            "type": "urn:restante:problem:not-found",
            "title": "There is no such thing",
            "status": 404,
            "detail": format!("there is no item {id}"),
        });
        assert_eq!(answer.problem(), expected, "{method} {verb}");
    }
    let marked = site.post("/messages/inbox/read", json!({ "ids": [id] }).to_string()).await;
    assert_eq!(marked.json(), json!({ "changed": false, "unread": 0 }));
    assert_eq!(site.unread("bob").await, 1);
}

#[tokio::test]
async fn an_id_that_names_nothing_is_not_found_and_nonsense_is_named() {
    let site = Site::new();
    for id in ["0", "-5", "9007199254740993", "9223372036854775807"] {
        for (method, verb) in VERBS {
            let answer = site.call(method, &format!("/messages/inbox/{id}{verb}")).await;
            assert_eq!(answer.problem()["status"], 404, "{method} {id} {verb}");
        }
    }
    for id in ["abc", "1.5", "m_12", "9223372036854775808", "%00", "1%2F2", "%F0%9F%92%A9"] {
        for (method, verb) in VERBS {
            let answer = site.call(method, &format!("/messages/inbox/{id}{verb}")).await;
            let expected = json!({
                "type": "urn:restante:problem:invalid",
                "title": "The input is not valid",
                "status": 422,
                "detail": "an item's id is a number taken from a list",
                "field": "id",
            });
            assert_eq!(answer.problem(), expected, "{method} {id} {verb}");
        }
    }
    for (method, verb) in VERBS {
        let answer = site.call(method, &format!("/messages/inbox/%FF{verb}")).await;
        let problem = answer.problem();
        assert_eq!(problem["type"], "urn:restante:problem:malformed", "{method} {verb}");
        assert_eq!((&problem["status"], &problem["field"]), (&json!(400), &json!("id")));
    }
}

#[tokio::test]
async fn nobody_reads_or_changes_anything_by_an_id() {
    let site = Site::new();
    site.send(Message::info("for bob"), "bob").await;
    let id = site.newest("bob").await;
    for (method, verb) in VERBS {
        let request = anonymous(method, &format!("/messages/inbox/{id}{verb}"));
        let answer = site.ask(request.body(Vec::new()).unwrap()).await;
        assert_eq!(answer.problem()["status"], 401, "{method} {verb}");
    }
    assert_eq!(site.unread("bob").await, 1);
}
