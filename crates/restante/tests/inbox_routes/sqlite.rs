use restante::{Message, SqliteStore, To};
use serde_json::json;

use super::Site;

#[tokio::test]
async fn the_main_path_on_a_real_database() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("restante.db")).await.unwrap();
    let site = Site::on(store);
    site.send(Message::success("Export ready").url("/exports/7").tag("exports"), "alice").await;
    site.send(Message::warning("Down at noon"), To::everyone()).await;
    site.send(Message::info("for bob"), "bob").await;

    let page = site.get("/messages/inbox?limit=1").await;
    assert_eq!(page.texts(), ["Down at noon"]);
    let link = page.header("link").split(['<', '>']).nth(1).unwrap();
    let last = site.get(link).await;
    assert_eq!(last.texts(), ["Export ready"]);
    assert_eq!(last.header("link"), "");

    let as_of = page.json()["as_of"].clone();
    let count = site.get("/messages/inbox/count").await;
    assert_eq!(count.json(), json!({ "unread": 2, "as_of": as_of }));
    let theirs = site.newest("bob").await;
    let answer = site.get(&format!("/messages/inbox/{theirs}")).await;
    assert_eq!(answer.problem()["status"], 404);

    let item = format!("/messages/inbox/{}", last.json()["items"][0]["id"]);
    let read = site.call("POST", &format!("{item}/read")).await;
    assert_eq!(read.json(), json!({ "changed": true, "unread": 1 }));
    let unread = site.call("POST", &format!("{item}/unread")).await;
    assert_eq!(unread.json(), json!({ "changed": true, "unread": 2 }));

    // What was marked unread since the page was made stays unread, and so does what arrived.
    site.send(Message::info("meanwhile"), "alice").await;
    let marked = site.post("/messages/inbox/read", json!({ "as_of": as_of }).to_string()).await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 2 }));
    let marked = site.call("POST", "/messages/mark_all_read").await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }));

    let archive = site.get("/messages/inbox?view=archive").await;
    let texts = archive.texts();
    assert_eq!(texts.len(), 3);
    let newest = format!("/messages/inbox/{}", archive.json()["items"][0]["id"]);
    assert_eq!(site.call("DELETE", &newest).await.status, 204);
    let rest = site.get("/messages/inbox?view=archive").await.texts();
    assert_eq!(rest, texts[1..]);
}
