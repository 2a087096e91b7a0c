use restante::{Message, To};

use super::Site;
use crate::site::{Answer, alice, anonymous};

const PAGES: [&str; 3] =
    ["/messages/inbox", "/messages/inbox?view=archive", "/messages/inbox/count"];

async fn get_if_none_match(site: &Site, path: &str, tags: &[&str]) -> Answer {
    let request = tags.iter().fold(alice("GET", path), |r, tag| r.header("if-none-match", *tag));
    site.ask(request.body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn content_that_the_client_has_is_not_sent_again() {
    let site = Site::new();
    site.send(Message::info("one"), "alice").await;
    let item = format!("/messages/inbox/{}", site.newest("alice").await);
    for path in PAGES.into_iter().chain([item.as_str()]) {
        let first = site.get(path).await;
        let tag = first.header("etag").to_owned();
        let strong = tag.strip_prefix("W/").unwrap().to_owned();
        assert!(strong.len() > 20 && strong.starts_with('"') && strong.ends_with('"'), "{tag}");

        let list = format!("\"other\", W/\"a,b\",{tag}");
        for known in [&tag, &strong, &list, "*"] {
            let again = get_if_none_match(&site, path, &[known]).await;
            assert_eq!(again.status, 304, "{path} {known}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), "private, no-cache");
            assert_eq!(again.header("vary"), "Cookie");
        }
        assert_eq!(get_if_none_match(&site, path, &["\"other\"", &tag]).await.status, 304);
        let unquoted = strong.trim_matches('"');
        for other in ["\"other\"", "", "W/", unquoted, "\"*\"", "\"unclosed"] {
            let again = get_if_none_match(&site, path, &[other]).await;
            assert_eq!((again.status.as_u16(), &again.body), (200, &first.body), "{path} {other}");
        }
    }
}

#[tokio::test]
async fn the_tag_changes_with_the_content_only() {
    let site = Site::new();
    let tags = async || {
        let mut tags = Vec::new();
        for path in PAGES {
            tags.push(site.get(path).await.header("etag").to_owned());
        }
        tags
    };
    let mut before = tags().await;
    assert_eq!(tags().await, before, "asked again");
    site.send(Message::info("for bob"), "bob").await;
    assert_eq!(tags().await, before, "another user's message");

    let mut changed = async |what: &str| {
        let after = tags().await;
        for (path, (before, after)) in PAGES.iter().zip(before.iter().zip(&after)) {
            assert_ne!(before, after, "{what}: {path}");
        }
        before = after;
    };
    site.send(Message::info("one"), "alice").await;
    changed("a message").await;
    site.send(Message::info("two"), To::everyone()).await;
    changed("a broadcast").await;
    let id = site.newest("alice").await;
    let inbox = site.restante.inbox("alice").unwrap();
    inbox.mark_read(id).await.unwrap();
    changed("read").await;
    inbox.mark_unread(id).await.unwrap();
    changed("unread").await;
    let id = site.newest("alice").await;
    inbox.dismiss(id).await.unwrap();
    changed("dismissed").await;
}

#[tokio::test]
async fn head_says_what_get_would_and_sends_nothing() {
    let site = Site::new();
    for n in 0..3 {
        site.send(Message::info(format!("{n}")), "alice").await;
    }
    for path in ["/messages/inbox?limit=2", "/messages/inbox/count"] {
        let get = site.get(path).await;
        let head = site.call("HEAD", path).await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
        for header in ["etag", "link", "content-type", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
        assert_eq!(head.header("content-length"), get.body.len().to_string());
        let request = alice("HEAD", path).header("if-none-match", get.header("etag"));
        assert_eq!(site.ask(request.body(Vec::new()).unwrap()).await.status, 304);
    }
}

#[tokio::test]
async fn every_answer_is_one_users_own() {
    let site = Site::new();
    let answers = [
        site.get("/messages/inbox").await,
        site.get("/messages/inbox/5").await,
        site.get("/messages/inbox?limit=0").await,
        site.call("PUT", "/messages/inbox").await,
        site.call("POST", "/messages/mark_all_read").await,
        site.ask(anonymous("GET", "/messages/inbox").body(Vec::new()).unwrap()).await,
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{answer:?}");
        assert_eq!(answer.header("vary"), "Cookie", "{answer:?}");
    }
}

#[tokio::test]
async fn a_condition_does_not_hide_a_refusal() {
    let site = Site::new();
    assert_eq!(get_if_none_match(&site, "/messages/inbox/5", &["*"]).await.status, 404);
    assert_eq!(get_if_none_match(&site, "/messages/inbox?limit=0", &["*"]).await.status, 422);
}
