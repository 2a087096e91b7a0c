use serde_json::{Value, json};

use crate::api_calls::Caller;
use crate::sandbox::{Sandbox, Server};

fn set_up() -> (Sandbox, Server, Caller) {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    (sandbox, server, admin)
}

/// A good message with some fields set.
fn message(fields: &Value) -> Value {
    let mut body = json!({ "to": ["alice"], "message": "Ahoy" });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn every_field_of_a_message_is_held_to_its_limits() {
    let (_sandbox, _server, admin) = set_up();
    let long = |length: usize| "x".repeat(length);
    for (fields, kind, field) in [
        (json!({ "message": long(16 * 1024 + 1) }), "too-large", "message"),
        (json!({ "message": "" }), "invalid", "message"),
        (json!({ "message": "a\u{0}" }), "invalid", "message"),
        (json!({ "message": 7 }), "invalid", "message"),
        (json!({ "message": null }), "invalid", "message"),
        (json!({ "to": [] }), "invalid", "to"),
        (json!({ "to": ["*"] }), "invalid", "to"),
        (json!({ "to": ["alice", ""] }), "invalid", "to"),
        (json!({ "to": [long(192)] }), "invalid", "to"),
        (json!({ "to": ["a\u{7}"] }), "invalid", "to"),
        (json!({ "to": [1] }), "invalid", "to"),
        (json!({ "to": { "alice": true } }), "invalid", "to"),
        (json!({ "to": null }), "invalid", "to"),
        (json!({ "everyone": true }), "invalid", "to"),
        (json!({ "everyone": "yes" }), "invalid", "everyone"),
        (json!({ "newcomers": true }), "invalid", "newcomers"),
        (json!({ "level": "loud" }), "invalid", "level"),
        (json!({ "level": 1.5 }), "invalid", "level"),
        (json!({ "level": 1_i64 << 40 }), "invalid", "level"),
        (json!({ "tags": [long(65)] }), "too-large", "tags"),
        (json!({ "tags": vec!["x"; 17] }), "too-large", "tags"),
        (json!({ "tags": ["a b"] }), "invalid", "tags"),
        (json!({ "tags": [""] }), "invalid", "tags"),
        (json!({ "tags": "ci" }), "invalid", "tags"),
        (json!({ "url": format!("/{}", long(2000)) }), "too-large", "url"),
        (json!({ "url": "javascript:alert(1)" }), "invalid", "url"),
        (json!({ "url": "//evil.example" }), "invalid", "url"),
        (json!({ "url": "/a b" }), "invalid", "url"),
        (json!({ "data": long(8 * 1024) }), "too-large", "data"),
        (json!({ "expires": "soon" }), "invalid", "expires"),
        (json!({ "expires": "-1d" }), "invalid", "expires"),
        (json!({ "expires": "2001-01-01T00:00:00Z" }), "invalid", "expires"),
        (json!({ "expires": 7 }), "invalid", "expires"),
        (json!({ "expires_at": "2001-01-01T00:00:00Z" }), "invalid", "expires_at"),
        (json!({ "expires_at": "7d" }), "invalid", "expires_at"),
        (json!({ "expires": "7d", "expires_at": "2999-01-01T00:00:00Z" }), "invalid", "expires"),
        (json!({ "key": long(256) }), "too-large", "key"),
        (json!({ "key": "" }), "invalid", "key"),
        (json!({ "key": "a\n" }), "invalid", "key"),
        (json!({ "text": "Ahoy" }), "invalid", "text"),
    ] {
        let answer = admin.post("/v1/messages", &message(&fields));
        assert_eq!(answer.status, 422, "{fields}: {answer:?}");
        answer.is_problem(422, kind, Some(field));
    }
    assert_eq!(admin.get("/v1/messages").json()["messages"], json!([]), "nothing was sent");
}

#[test]
fn what_is_no_json_object_is_refused() {
    let (_sandbox, _server, admin) = set_up();
    for body in ["", "{", "to=alice", "{\"message\":\"\u{1}\"}", "{\"message\":\"a\"} x"] {
        admin.post_text("/v1/messages", body).is_problem(400, "malformed", None);
    }
    for body in ["", "{", "name=shop", "{\"name\":\"\u{1}\"}", "{\"name\":\"a\", x"] {
        admin.post_text("/v1/keys", body).is_problem(400, "malformed", None);
    }
    for body in ["[]", "[[\"alice\"],false,false,\"Ahoy\"]", "null", "7", "\"a\""] {
        admin.post_text("/v1/messages", body).is_problem(422, "invalid", None);
        admin.post_text("/v1/users/alice/tokens", body).is_problem(422, "invalid", None);
    }
    let twice = r#"{"to":"a","message":"x","message":"y"}"#;
    admin.post_text("/v1/messages", twice).is_problem(422, "invalid", Some("message"));
    admin.post_text("/v1/messages", "{\"to\":\"a\"}").is_problem(422, "invalid", Some("message"));
    let user = admin.user("alice");
    user.post_text("/v1/inbox/read", "{").is_problem(400, "malformed", None);
    user.post_text("/v1/inbox/read", "[]").is_problem(422, "invalid", None);
}

#[test]
fn a_body_says_that_it_is_json() {
    let (_sandbox, _server, admin) = set_up();
    let body = message(&json!({})).to_string();
    let post = |path: &str, headers: &[(&str, &str)]| {
        admin.call("POST", path, headers, Some(body.as_bytes()))
    };
    for path in ["/v1/messages", "/v1/keys", "/v1/users/alice/tokens"] {
        for headers in [&[][..], &[("content-type", "text/plain")], &[("content-type", "x")]] {
            post(path, headers).is_problem(415, "unsupported-media-type", None);
        }
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    assert_eq!(post("/v1/messages", &headers).status, 201);
}

#[test]
fn bodies_have_a_length_that_they_may_not_pass() {
    let (_sandbox, _server, admin) = set_up();
    let user = admin.user("alice");
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(64 * 1024));
    for (caller, path) in [
        (&admin, "/v1/keys"),
        (&admin, "/v1/users/alice/tokens"),
        (&user, "/v1/inbox/read"),
        (&user, "/v1/mark_all_read"),
    ] {
        caller.post_text(path, &long).is_problem(413, "too-large", None);
        caller.post_chunked(path, long.as_bytes()).is_problem(413, "too-large", None);
    }
    // A list may have 64 MiB, told beforehand or not.
    let spaces = " ".repeat(64 * 1024 * 1024);
    let told = format!("{{\"to\":[\"alice\"],{spaces}\"message\":\"x\"}}");
    admin.post_chunked("/v1/messages", told.as_bytes()).is_problem(413, "too-large", None);
    // And a million users, each no more than a few bytes.
    let mut users = String::with_capacity(12 * 1024 * 1024);
    for number in 0..=1_000_000 {
        users += if number == 0 { "" } else { "," };
        users += "\"";
        users += &number.to_string();
        users += "\"";
    }
    let body = format!("{{\"message\":\"x\",\"to\":[{users}]}}");
    let refused = admin.post_chunked("/v1/messages", body.as_bytes());
    refused.is_problem(422, "too-large", Some("to"));
    assert!(refused.body.contains("1,000,000"), "{refused:?}");
    assert_eq!(admin.get("/v1/messages").json()["messages"], json!([]), "nothing was sent");
}

#[test]
fn keys_and_tokens_are_made_of_good_parts_only() {
    let (_sandbox, _server, admin) = set_up();
    for (path, body, kind, field) in [
        ("/v1/keys", json!({ "name": " ", "scopes": ["send"] }), "invalid", "name"),
        ("/v1/keys", json!({ "name": "n".repeat(101), "scopes": ["send"] }), "too-large", "name"),
        ("/v1/keys", json!({ "name": "a\u{7}", "scopes": ["send"] }), "invalid", "name"),
        ("/v1/keys", json!({ "name": "shop", "scopes": [] }), "invalid", "scopes"),
        ("/v1/keys", json!({ "name": "shop", "scopes": ["root"] }), "invalid", "scopes"),
        ("/v1/keys", json!({ "name": "shop" }), "invalid", "scopes"),
        ("/v1/users/alice/tokens", json!({ "ttl": "soon" }), "invalid", "ttl"),
        ("/v1/users/alice/tokens", json!({ "ttl": "31d" }), "too-large", "ttl"),
        ("/v1/users/alice/tokens", json!({ "ttl": "1ms" }), "invalid", "ttl"),
        ("/v1/users/alice/tokens", json!({ "joined": "once" }), "invalid", "joined"),
        ("/v1/users/alice/tokens", json!({ "user": "bob" }), "invalid", "user"),
    ] {
        let answer = admin.post(path, &body);
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        answer.is_problem(422, kind, Some(field));
    }
}

#[test]
fn ids_cursors_and_limits_are_read_strictly() {
    let (_sandbox, _server, admin) = set_up();
    let user = admin.user("alice");
    for (path, status, kind, field) in [
        ("/v1/messages/7", 422, "invalid", Some("id")),
        ("/v1/messages/m_x", 422, "invalid", Some("id")),
        ("/v1/messages/m_7", 404, "not-found", None),
        ("/v1/messages/%ff", 400, "malformed", Some("id")),
        ("/v1/messages?after=7", 422, "invalid", Some("id")),
        ("/v1/messages?limit=0", 422, "invalid", Some("limit")),
        ("/v1/messages?limit=101", 422, "too-large", Some("limit")),
        ("/v1/messages?limit=x", 422, "invalid", Some("limit")),
        ("/v1/messages?limit=1&limit=2", 422, "invalid", Some("limit")),
        ("/v1/messages?sender=%ff", 400, "malformed", None),
        ("/v1/users/*/export", 422, "invalid", Some("user")),
        ("/v1/users/%00/export", 422, "invalid", Some("user")),
        ("/v1/users/%ff/export", 400, "malformed", Some("id")),
    ] {
        admin.get(path).is_problem(status, kind, field);
    }
    admin.delete("/v1/keys/k_none").is_problem(404, "not-found", None);
    admin.delete("/v1/keys/%ff").is_problem(400, "malformed", Some("id"));
    for (path, status, kind, field) in [
        ("/v1/inbox/x", 422, "invalid", Some("id")),
        ("/v1/inbox/7", 404, "not-found", None),
        ("/v1/inbox/%ff", 400, "malformed", Some("id")),
        ("/v1/inbox?after=x", 422, "invalid", Some("after")),
        ("/v1/inbox?limit=101", 422, "too-large", Some("limit")),
        ("/v1/inbox?view=all", 422, "invalid", Some("view")),
        ("/v1/inbox?level=loud", 422, "invalid", Some("level")),
        ("/v1/inbox?q=%ff", 400, "malformed", Some("q")),
        ("/v1/inbox?tag=a%07", 422, "invalid", Some("tag")),
    ] {
        user.get(path).is_problem(status, kind, field);
    }
    for (body, field) in [
        (json!({ "as_of": "x" }), Some("as_of")),
        (json!({ "ids": ["x"] }), Some("ids")),
        (json!({ "ids": vec![1; 1001] }), Some("ids")),
        (json!({ "until": 1 }), Some("until")),
        (json!({}), None),
    ] {
        let told = user.post("/v1/inbox/read", &body);
        assert_eq!((told.status, told.json()["field"].as_str()), (422, field), "{body}");
    }
}

#[test]
fn an_address_that_is_none_and_a_method_that_does_not_fit_are_problems_too() {
    let (_sandbox, _server, admin) = set_up();
    admin.get("/v1/nowhere").is_problem(404, "no-such-address", None);
    admin.get("/v1").is_problem(404, "no-such-address", None);
    let put = admin.call("PUT", "/v1/messages", &[], Some(b"{}"));
    put.is_problem(405, "method-not-allowed", None);
    let allowed: Vec<_> = put.header("allow").split(',').collect();
    assert!(allowed.contains(&"GET") && allowed.contains(&"POST"), "{allowed:?}");
}
