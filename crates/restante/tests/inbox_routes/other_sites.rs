use restante::Message;
use serde_json::json;

use super::{Site, for_tokens};
use crate::site::{Answer, App as _, alice};

async fn with_headers(site: &Site, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(alice(method, path), |r, (name, value)| r.header(*name, *value));
    site.ask(request.body(Vec::new()).unwrap()).await
}

const FOREIGN: [&[(&str, &str)]; 15] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "")],
    &[("sec-fetch-site", "Same-Origin")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
    // The newer header decides, whatever the older says.
    &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example"), ("host", "app.example")],
    &[("origin", "https://evil.example"), ("host", "app.example")],
    &[("origin", "https://app.example.evil.example"), ("host", "app.example")],
    &[("origin", "https://evil.example/app.example"), ("host", "app.example")],
    &[("origin", "https://app.example:8443"), ("host", "app.example")],
    &[("origin", "http://app.example:443"), ("host", "app.example")],
    &[("origin", "null"), ("host", "app.example")],
    &[("origin", ""), ("host", "app.example")],
    &[("origin", "https://"), ("host", "")],
    &[("origin", "https://app.example")],
];

const OWN: [&[(&str, &str)]; 9] = [
    &[],
    &[("host", "app.example")],
    &[("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "none")],
    &[("sec-fetch-site", "same-origin"), ("origin", "https://other.example"), ("host", "proxy")],
    &[("origin", "https://app.example"), ("host", "app.example")],
    &[("origin", "https://App.example"), ("host", "aPP.example:443")],
    &[("origin", "http://app.example"), ("host", "app.example:80")],
    &[("origin", "http://[::1]:3000"), ("host", "[::1]:3000")],
];

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let site = Site::new();
    site.send(Message::info("unread"), "alice").await;
    let item = format!("/messages/inbox/{}", site.newest("alice").await);
    let changing = [
        ("POST", "/messages/mark_all_read".to_owned()),
        ("POST", "/messages/mark_all_read/".to_owned()),
        ("POST", "/messages/inbox/read".to_owned()),
        ("POST", format!("{item}/read")),
        ("POST", format!("{item}/unread")),
        ("DELETE", item),
    ];
    for (method, path) in &changing {
        for headers in FOREIGN {
            let answer = with_headers(&site, method, path, headers).await;
            let expected = json!({
                "type": "urn:restante:problem:cross-site",
                "title": "The request came from another site",
                "status": 403,
                "detail": "only the app's own pages may change a user's messages",
            });
            assert_eq!(answer.problem(), expected, "{method} {path} {headers:?}");
        }
    }
    assert_eq!(site.unread("alice").await, 1);
}

#[tokio::test]
async fn the_apps_own_pages_and_other_programs_may() {
    for headers in OWN {
        let site = Site::new();
        site.send(Message::info("unread"), "alice").await;
        let marked = with_headers(&site, "POST", "/messages/mark_all_read", headers).await;
        assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }), "{headers:?}");
    }
}

#[tokio::test]
async fn the_host_of_the_address_counts_where_there_is_one() {
    let site = Site::new();
    let send = async |origin: &str| {
        let request = alice("POST", "https://app.example/messages/mark_all_read");
        site.ask(request.header("origin", origin).body(Vec::new()).unwrap()).await.status
    };
    assert_eq!(send("https://app.example").await, 200);
    assert_eq!(send("https://evil.example").await, 403);
}

#[tokio::test]
async fn reading_is_left_to_the_browsers_own_rules() {
    let site = Site::new();
    for headers in FOREIGN {
        with_headers(&site, "GET", "/messages/inbox", headers).await.json();
        assert_eq!(with_headers(&site, "HEAD", "/messages/inbox", headers).await.status, 200);
        assert_eq!(with_headers(&site, "OPTIONS", "/messages/inbox", headers).await.status, 405);
    }
}

#[tokio::test]
async fn a_token_is_proof_enough() {
    let site = Site::new();
    site.send(Message::info("unread"), "alice").await;
    let app = for_tokens("/v1", &site.restante);
    let request = alice("POST", "/v1/mark_all_read")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://shop.example");
    let marked = app.ask(request.body(Vec::new()).unwrap()).await;
    assert_eq!(marked.json(), json!({ "changed": true, "unread": 0 }));
    assert_eq!(marked.header("vary"), "Authorization");
}
