use restante::Message;
use serde_json::json;

use super::Site;
use crate::site::{alice, anonymous};

#[tokio::test]
async fn nobody_is_told_to_sign_in() {
    let expected = json!({
        "type": "urn:restante:problem:not-signed-in",
        "title": "Sign in to see your messages",
        "status": 401,
        "detail": "these messages belong to a user, and nobody is signed in",
    });
    let site = Site::new();
    for (method, path) in [
        ("GET", "/messages/inbox"),
        ("GET", "/messages/inbox/count"),
        ("POST", "/messages/inbox/read"),
        ("POST", "/messages/mark_all_read"),
        // Who is not signed in is not told what else is wrong.
        ("GET", "/messages/inbox?limit=0"),
        ("GET", "/messages/inbox/abc"),
    ] {
        let answer = site.ask(anonymous(method, path).body(Vec::new()).unwrap()).await;
        assert_eq!(answer.problem(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_method_that_does_not_work_is_told_which_do() {
    let site = Site::new();
    let cases = [
        ("/messages/inbox", "GET,HEAD"),
        ("/messages/inbox/count", "GET,HEAD"),
        ("/messages/inbox/read", "POST"),
        ("/messages/inbox/5", "GET,HEAD,DELETE"),
        ("/messages/inbox/5/read", "POST"),
        ("/messages/inbox/5/unread", "POST"),
        ("/messages/mark_all_read", "POST"),
        ("/messages/inbox/", "GET,HEAD"),
    ];
    for (path, allowed) in cases {
        for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = site.call(method, path).await;
            let expected = json!({
                "type": "urn:restante:problem:method-not-allowed",
                "title": "This address cannot be used that way",
                "status": 405,
                "detail": "the header Allow names the methods that work",
            });
            assert_eq!(answer.problem(), expected, "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
    assert_eq!(site.get("/messages/mark_all_read").await.problem()["status"], 405);
    assert_eq!(site.get("/messages/inbox/read").await.problem()["status"], 405);
    assert_eq!(site.call("HEAD", "/messages/mark_all_read").await.status, 405);
}

#[tokio::test]
async fn get_changes_nothing() {
    let site = Site::new();
    site.send(Message::info("unread"), "alice").await;
    let id = site.newest("alice").await;
    for path in ["inbox/read".to_owned(), format!("inbox/{id}/read"), "mark_all_read".to_owned()] {
        assert_eq!(site.get(&format!("/messages/{path}")).await.status, 405);
    }
    site.get(&format!("/messages/inbox/{id}")).await.json();
    site.get("/messages/inbox").await.json();
    assert_eq!(site.unread("alice").await, 1);
}

const BODIES: [&str; 2] = ["/messages/inbox/read", "/messages/mark_all_read"];

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed() {
    let site = Site::new();
    let bodies: [&'static [u8]; 7] = [
        b"{",
        b"as_of=1",
        b"{\"as_of\": \"1\"} {}",
        b"{\"as_of\": \"\xff\"}",
        b"\xff\xfe{\0}\0",
        b"{\"ids\": [1,]}",
        b"\xef\xbb\xbf{\"ids\": []}",
    ];
    for path in BODIES {
        for body in bodies {
            let problem = site.post(path, body).await.problem();
            assert_eq!(problem["type"], "urn:restante:problem:malformed", "{path} {body:?}");
            assert_eq!(problem["status"], 400);
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.starts_with("the body must be JSON: "), "{detail}");
        }
    }
    let empty = site.post("/messages/inbox/read", "").await;
    let expected = json!({
        "type": "urn:restante:problem:malformed",
        "title": "The request cannot be read",
        "status": 400,
        "detail": "the body must be JSON: EOF while parsing a value at line 1 column 0",
    });
    assert_eq!(empty.problem(), expected);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let site = Site::new();
    let send = async |path: &str, content_type: Option<&str>| {
        let request = alice("POST", path);
        let request = content_type.into_iter().fold(request, |r, t| r.header("content-type", t));
        site.ask(request.body(r#"{"ids": []}"#.into()).unwrap()).await
    };
    for path in BODIES {
        for refused in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/jsonp"),
            Some("text/json"),
            Some("json"),
            Some(""),
        ] {
            let expected = json!({
                "type": "urn:restante:problem:unsupported-media-type",
                "title": "The body must be JSON",
                "status": 415,
                "detail": "the header Content-Type must be application/json",
            });
            assert_eq!(send(path, refused).await.problem(), expected, "{path} {refused:?}");
        }
        for taken in ["Application/JSON", "application/json; charset=utf-8", "application/x+json"] {
            send(path, Some(taken)).await.json();
        }
    }
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused() {
    let site = Site::new();
    let json = r#"{"ids": []}"#;
    let padded = |length: usize| format!("{json}{}", " ".repeat(length - json.len()));
    for path in BODIES {
        site.post(path, padded(64 * 1024)).await.json();
        let one_more = site.post(path, padded(64 * 1024 + 1)).await.problem();
        let expected = json!({
            "type": "urn:restante:problem:too-large",
            "title": "The input is past a limit",
            "status": 413,
            "detail": "a body is at most 64 KiB",
        });
        assert_eq!(one_more, expected, "{path}");
        assert_eq!(site.post(path, padded(5_000_000)).await.problem(), expected, "{path}");
        let deep = "[".repeat(60_000);
        assert_eq!(site.post(path, deep).await.problem()["status"], 422);
        let deep = format!("{{\"ids\": {}", "[".repeat(60_000));
        assert_eq!(site.post(path, deep).await.problem()["status"], 400);
    }
}

#[tokio::test]
async fn a_field_told_back_is_cut() {
    let site = Site::new();
    let body = json!({ "x".repeat(10_000): 1 }).to_string();
    let problem = site.post("/messages/inbox/read", body).await.problem();
    assert_eq!(problem["field"].as_str().unwrap().len(), 64);
}
