use std::time::Duration;

use restante::{Level, Message, To};
use serde_json::json;

use super::Site;

#[tokio::test]
async fn an_empty_inbox_is_a_page() {
    let site = Site::new();
    let page = site.get("/messages/inbox").await;
    assert_eq!(page.json(), json!({ "items": [], "next": null, "unread": 0, "as_of": "0" }));
    assert_eq!(page.header("link"), "");
    assert_eq!(
        site.get("/messages/inbox/count").await.json(),
        json!({ "unread": 0, "as_of": "0" })
    );
}

#[tokio::test]
async fn a_page_has_every_part_of_a_message() {
    let site = Site::new();
    let order = Message::success("Your order has shipped <b>&")
        .tag("orders")
        .tag("mail")
        .url("/orders/7")
        .data(json!({ "order": 7 }))
        .expires_in(Duration::from_secs(60));
    site.send(order, "alice").await;
    site.send(Message::new(Level::new(-7), "Plain").never_expires(), To::everyone()).await;

    let page = site.get("/messages/inbox").await.json();
    let (plain, order) = (&page["items"][0], &page["items"][1]);
    assert_eq!(
        *order,
        json!({
            "id": order["id"],
            "message": "Your order has shipped <b>&",
            "level": 25,
            "level_tag": "success",
            "tags": "orders mail success",
            "extra_tags": "orders mail",
            "date": "2026-01-01T00:00:00Z",
            "url": "/orders/7",
            "data": { "order": 7 },
            "unread": true,
            "everyone": false,
            "read_at": null,
            "expires_at": "2026-01-01T00:01:00Z",
        })
    );
    assert_eq!(
        *plain,
        json!({
            "id": plain["id"],
            "message": "Plain",
            "level": -7,
            "level_tag": "",
            "tags": "",
            "extra_tags": "",
            "date": "2026-01-01T00:00:00Z",
            "url": null,
            "data": null,
            "unread": true,
            "everyone": true,
            "read_at": null,
            "expires_at": null,
        })
    );
    assert!(order["id"].is_i64() && plain["id"].as_i64() > order["id"].as_i64());
    assert_eq!(page["unread"], 2);
    assert_eq!(page["next"], json!(null));

    let count = site.get("/messages/inbox/count").await.json();
    assert_eq!(count, json!({ "unread": 2, "as_of": page["as_of"] }));
}

#[tokio::test]
async fn the_archive_has_what_was_read_too() {
    let site = Site::new();
    site.send(Message::info("read"), "alice").await;
    let id = site.newest("alice").await;
    site.restante.inbox("alice").unwrap().mark_read(id).await.unwrap();
    site.send(Message::info("new"), "alice").await;

    assert_eq!(site.get("/messages/inbox?view=unread").await.texts(), ["new"]);
    let archive = site.get("/messages/inbox?view=archive").await;
    assert_eq!(archive.texts(), ["new", "read"]);
    assert_eq!(archive.json()["items"][1]["read_at"], "2026-01-01T00:00:00Z");
    assert_eq!(archive.json()["unread"], 1);
}

#[tokio::test]
async fn filters_choose_by_level_tag_and_text() {
    let site = Site::new();
    site.send(Message::warning("Disk full").tag("ops"), "alice").await;
    site.send(Message::new(Level::STORED_WARNING, "Größe geändert").tag("a+b"), "alice").await;
    site.send(Message::info("Disk fine").tag("ops"), "alice").await;

    let texts = async |query: &str| site.get(&format!("/messages/inbox?{query}")).await.texts();
    assert_eq!(texts("level=warning").await, ["Größe geändert", "Disk full"]);
    assert_eq!(texts("level=30").await, ["Größe geändert", "Disk full"]);
    assert_eq!(texts("level=STORED_warning").await, ["Größe geändert"]);
    assert_eq!(texts("tag=ops").await, ["Disk fine", "Disk full"]);
    assert_eq!(texts("tag=a%2Bb").await, ["Größe geändert"]);
    assert_eq!(texts("q=GR%C3%96SSE").await, Vec::<String>::new());
    assert_eq!(texts("q=gr%C3%B6%C3%9Fe+ge").await, ["Größe geändert"]);
    assert_eq!(texts("q=disk&tag=ops&level=info").await, ["Disk fine"]);
    assert_eq!(texts("view=&after=&limit=&level=&tag=&q=").await.len(), 3, "empty asks nothing");
}

#[tokio::test]
async fn next_leads_to_the_end_and_leaves_out_what_came_meanwhile() {
    let site = Site::new();
    for n in 0..25 {
        site.send(Message::info(format!("{n}")), "alice").await;
    }
    let mut seen = Vec::new();
    let mut path = "/messages/inbox?limit=10".to_owned();
    let as_of = site.get(&path).await.json()["as_of"].clone();
    let mut pages = 0;
    loop {
        let page = site.get(&path).await;
        seen.extend(page.texts());
        assert_eq!(page.json()["as_of"], as_of, "of the first page");
        pages += 1;
        site.send(Message::info("meanwhile"), "alice").await;
        let json = page.json();
        let Some(next) = json["next"].as_str() else { break };
        path = format!("/messages/inbox?limit=10&after={next}");
    }
    assert_eq!(pages, 3);
    let expected: Vec<_> = (0..25).rev().map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn link_leads_to_the_end_and_keeps_the_query() {
    let site = Site::new();
    for n in 0..5 {
        site.send(Message::warning(format!("Größe {n}")).tag("a&b"), "alice").await;
    }
    let mut path = "/messages/inbox/?tag=a%26b&view=archive&limit=2&q=gr%C3%B6%C3%9Fe".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = site.get(&path).await;
        seen.extend(page.texts());
        let json = page.json();
        let Some(next) = json["next"].as_str() else {
            assert_eq!(page.header("link"), "");
            break;
        };
        let link = page.header("link");
        let kept = "/messages/inbox/?tag=a%26b&view=archive&limit=2&q=gr%C3%B6%C3%9Fe";
        assert_eq!(link, format!("<{kept}&after={next}>; rel=\"next\""));
        path = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
    assert_eq!(seen, ["Größe 4", "Größe 3", "Größe 2", "Größe 1", "Größe 0"]);
}

#[tokio::test]
async fn a_filtered_page_may_be_empty_and_go_on() {
    let site = Site::new();
    site.send(Message::info("needle"), "alice").await;
    for _ in 0..2_500 {
        site.send(Message::info("hay"), "alice").await;
    }
    let first = site.get("/messages/inbox?q=needle").await;
    assert!(first.texts().is_empty());
    let link = first.header("link").split(['<', '>']).nth(1).unwrap();
    assert_eq!(site.get(link).await.texts(), ["needle"]);
}
